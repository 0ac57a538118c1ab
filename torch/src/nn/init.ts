// Initial values of weights [O, I, ...kernel], with the formulas of torch.nn.init
// (https://pytorch.org/docs/stable/nn.init.html). fan in: inputs per output; fan out: outputs per input.

import { rand, randn } from "../functional.ts";
import type { Generator } from "../generator.ts";
import type { Tensor } from "../tensor.ts";

/** Makes initial values of a given shape. */
export type Init = (shape: readonly number[], generator: Generator) => Tensor;

const receptive = (shape: readonly number[]): number => shape.slice(2).reduce((product, size) => product * size, 1);
const fanIn = (shape: readonly number[]): number => shape[1] * receptive(shape);
const fanOut = (shape: readonly number[]): number => shape[0] * receptive(shape);

/**
 * Normally distributed with mean 0 and the given standard deviation.
 *
 * @example
 * new Linear({ inFeatures: 8, outFeatures: 2, init: init.normal(0.01), generator });
 */
export const normal =
  (deviation: number): Init =>
  (shape, generator) =>
    randn(shape, generator).mul(deviation);

/**
 * Uniformly distributed in ±`bound`, a function of the shape.
 *
 * @example
 * new Linear({ inFeatures: 8, outFeatures: 2, init: init.uniform(() => 0.1), generator });
 */
export const uniform =
  (bound: (shape: readonly number[]) => number): Init =>
  (shape, generator) =>
    rand(shape, generator).mul(2).sub(1).mul(bound(shape));

/**
 * Kaiming normal for ReLU with fan out, as in torchvision's ResNet (He et al. 2015, https://arxiv.org/abs/1502.01852).
 *
 * @example
 * new Conv2d({ inChannels: 3, outChannels: 8, kernel: 3, init: init.kaimingNormal, generator });
 */
export const kaimingNormal: Init = (shape, generator) => normal(Math.sqrt(2 / fanOut(shape)))(shape, generator);

/**
 * Kaiming uniform with a = 1 and fan in, as in torchvision's FPN.
 *
 * @example
 * new Conv2d({ inChannels: 3, outChannels: 8, kernel: 1, init: init.kaimingUniform, generator });
 */
export const kaimingUniform: Init = uniform((shape) => Math.sqrt(3 / fanIn(shape)));

/**
 * PyTorch's default for layers: Kaiming uniform with a = √5, which is ±1/√(fan in).
 *
 * @example
 * const weight = parameter(init.layerDefault([8, 3, 3, 3], generator));
 */
export const layerDefault: Init = uniform((shape) => 1 / Math.sqrt(fanIn(shape)));
