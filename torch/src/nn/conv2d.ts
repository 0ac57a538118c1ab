// Convolution with parameters. It computes in the dtype of its input: weights stay float32 and are cast, so that bfloat16
// activations train float32 weights.

import { conv2d, zeros } from "../functional.ts";
import type { Generator } from "../generator.ts";
import { scope } from "../scope.ts";
import type { Tensor } from "../tensor.ts";
import { type Init, layerDefault } from "./init.ts";
import { Module, parameter } from "./module.ts";

/** Defaults: stride 1, padding 0, with bias, PyTorch's default initialisation. */
export interface Conv2dOptions {
  readonly inChannels: number;
  readonly outChannels: number;
  readonly kernel: number;
  readonly stride?: number;
  readonly padding?: number;
  readonly bias?: boolean;
  readonly init?: Init;
  readonly generator: Generator;
}

/**
 * A convolution with a square kernel.
 *
 * @example
 * const conv = new Conv2d({ inChannels: 3, outChannels: 8, kernel: 3, padding: 1, generator: new Generator(1) });
 * conv.forward(x); // [N, 3, H, W] → [N, 8, H, W]
 */
export class Conv2d extends Module {
  /** [O, I, k, k], channels_last */
  readonly weight: Tensor;
  /** [O]; null without a bias */
  readonly bias: Tensor | null;
  readonly #stride: number;
  readonly #padding: number;

  constructor(options: Conv2dOptions) {
    super();
    const { inChannels, outChannels, kernel, stride = 1, padding = 0, bias = true, init = layerDefault, generator } = options;
    this.weight = scope(() => parameter(init([outChannels, inChannels, kernel, kernel], generator).contiguous("channels_last")));
    this.bias = bias ? parameter(zeros([outChannels])) : null;
    this.#stride = stride;
    this.#padding = padding;
  }

  /** x [N, I, H, W] → [N, O, H', W'] */
  forward(x: Tensor): Tensor {
    return this.with(x, this.weight, this.bias);
  }

  /** The same convolution with other weights, for a normalisation folded into them. */
  with(x: Tensor, weight: Tensor, bias: Tensor | null): Tensor {
    const dtype = x.dtype;
    return conv2d(x, weight.to(dtype), { bias: bias?.to(dtype) ?? null, stride: this.#stride, padding: this.#padding });
  }
}
