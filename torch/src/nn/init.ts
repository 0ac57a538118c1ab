// First values of weights; names and formulas are those of torch.nn.init (https://pytorch.org/docs/stable/nn.init.html).
// fan in = inputs of one output; fan out = outputs of one input. Weights are [O, I, ...kernel].

import { rand, randn } from "../functional.ts";
import type { Generator } from "../generator.ts";
import type { Tensor } from "../tensor.ts";

export type Init = (shape: readonly number[], generator: Generator) => Tensor;

const receptive = (shape: readonly number[]): number => shape.slice(2).reduce((product, size) => product * size, 1);
const fanIn = (shape: readonly number[]): number => shape[1] * receptive(shape);
const fanOut = (shape: readonly number[]): number => shape[0] * receptive(shape);

/** Gaussian of mean 0. */
export const normal =
  (deviation: number): Init =>
  (shape, generator) =>
    randn(shape, generator).mul(deviation);

/** Uniform in ±bound. */
export const uniform =
  (bound: (shape: readonly number[]) => number): Init =>
  (shape, generator) =>
    rand(shape, generator).mul(2).sub(1).mul(bound(shape));

/** Kaiming normal for ReLU, fan out: torchvision's ResNet. */
export const kaimingNormal: Init = (shape, generator) => normal(Math.sqrt(2 / fanOut(shape)))(shape, generator);

/** Kaiming uniform with a = 1, fan in: torchvision's FPN. */
export const kaimingUniform: Init = uniform((shape) => Math.sqrt(3 / fanIn(shape)));

/** PyTorch's own default for layers: kaiming uniform with a = √5, which is ±1/√(fan in). */
export const layerDefault: Init = uniform((shape) => 1 / Math.sqrt(fanIn(shape)));
