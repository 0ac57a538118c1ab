// A fully connected layer. Like Conv2d, it computes in the dtype of its input.

import { linear, zeros } from "../functional.ts";
import type { Generator } from "../generator.ts";
import { scope } from "../scope.ts";
import type { Tensor } from "../tensor.ts";
import { type Init, layerDefault } from "./init.ts";
import { Module, parameter } from "./module.ts";

/** Default: PyTorch's initialisation. */
export interface LinearOptions {
  readonly inFeatures: number;
  readonly outFeatures: number;
  readonly init?: Init;
  readonly generator: Generator;
}

/**
 * x · weightᵀ + bias.
 *
 * @example
 * const layer = new Linear({ inFeatures: 1024, outFeatures: 2, generator: new Generator(1) });
 * layer.forward(x); // [..., 1024] → [..., 2]
 */
export class Linear extends Module {
  /** [out, in] */
  readonly weight: Tensor;
  /** [out] */
  readonly bias: Tensor;

  constructor(options: LinearOptions) {
    super();
    const { inFeatures, outFeatures, init = layerDefault, generator } = options;
    this.weight = scope(() => parameter(init([outFeatures, inFeatures], generator)));
    this.bias = parameter(zeros([outFeatures]));
  }

  /** x [..., in] → [..., out] */
  forward(x: Tensor): Tensor {
    const dtype = x.dtype;
    return linear(x, this.weight.to(dtype), this.bias.to(dtype));
  }
}
