// Operators that read best as functions: creation, joining, convolution, normalisation, pooling, losses. Names are PyTorch's,
// formulas are at https://pytorch.org/docs/stable/nn.functional.html; wrong arguments throw an Error with operator and shapes.
// Shape letters: N images, C channels, H×W pixels, O output channels, kH×kW kernel, R rows.

import { call } from "./call.ts";
import type { Device, Dtype, MemoryFormat } from "./dtype.ts";
import type { Generator } from "./generator.ts";
import type { Tensor } from "./tensor.ts";

export interface TensorOptions {
  /** Default float32, unless a function says otherwise. */
  readonly dtype?: Dtype;
  /** Default "cpu". */
  readonly device?: Device;
}

/**
 * Zeros of `shape`.
 *
 * @example
 * zeros([2, 3]);
 */
export const zeros = (shape: readonly number[], options: TensorOptions = {}): Tensor => call("zeros", [shape], { ...options });
/**
 * Ones of `shape`.
 *
 * @example
 * ones([2, 3], { dtype: "int64" });
 */
export const ones = (shape: readonly number[], options: TensorOptions = {}): Tensor => call("ones", [shape], { ...options });
/**
 * `value` in every element of `shape`.
 *
 * @example
 * full([2, 3], 0.5);
 */
export const full = (shape: readonly number[], value: number, options: TensorOptions = {}): Tensor =>
  call("full", [shape, value], { dtype: "float32", ...options });
/**
 * A tensor of `shape` with uninitialised values, in `memory_format`.
 *
 * @example
 * empty([1, 64, 32, 32], { memory_format: "channels_last" });
 */
export const empty = (shape: readonly number[], options: TensorOptions & { memory_format?: MemoryFormat } = {}): Tensor =>
  call("empty.memory_format", [shape], { ...options });
/**
 * 0, 1, … end − 1, by default as int64.
 *
 * @example
 * arange(3); // 0, 1, 2
 */
export const arange = (end: number, options: TensorOptions = {}): Tensor => call("arange", [end], { dtype: "int64", ...options });
/**
 * Normally distributed values with mean 0 and standard deviation 1.
 *
 * @example
 * randn([1, 3, 32, 32], new Generator(1));
 */
export const randn = (shape: readonly number[], generator: Generator, options: TensorOptions = {}): Tensor =>
  call("randn.generator", [shape], { generator, ...options });
/**
 * Uniformly distributed values in [0, 1).
 *
 * @example
 * rand([10], new Generator(1));
 */
export const rand = (shape: readonly number[], generator: Generator, options: TensorOptions = {}): Tensor =>
  call("rand.generator", [shape], { generator, ...options });
/**
 * 0 … n − 1 in random order, int64 [n].
 *
 * @example
 * randperm(10, new Generator(1));
 */
export const randperm = (n: number, generator: Generator, options: TensorOptions = {}): Tensor =>
  call("randperm.generator", [n], { generator, ...options });
/**
 * Zeros with the shape, dtype, device and layout of `tensor`.
 *
 * @example
 * zerosLike(x);
 */
export const zerosLike = (tensor: Tensor): Tensor => call("zeros_like", [tensor]);

/**
 * Concatenates tensors along an existing dimension; all other dimensions must be equal.
 *
 * @example
 * cat([zeros([2, 3]), ones([1, 3])]); // [3, 3]
 */
export const cat = (tensors: readonly Tensor[], dim = 0): Tensor => call("cat", [tensors, dim]);
/**
 * Stacks tensors of one shape along a new dimension.
 *
 * @example
 * stack([zeros([3]), ones([3])]); // [2, 3]
 */
export const stack = (tensors: readonly Tensor[], dim = 0): Tensor => call("stack", [tensors, dim]);
/**
 * `a` where the bool tensor `condition` holds, otherwise `b`; all three broadcast.
 *
 * @example
 * where(x.gt(0), x, zerosLike(x));
 */
export const where = (condition: Tensor, a: Tensor, b: Tensor): Tensor => call("where.self", [condition, a, b]);

/**
 * max(x, 0), elementwise.
 *
 * @example
 * relu(conv.forward(x));
 */
export const relu = (x: Tensor): Tensor => call("relu", [x]);
/**
 * `relu` in place. Use it on the output of an operator that does not need that output for its gradient (convolution,
 * normalisation).
 *
 * @example
 * relu_(conv.forward(x));
 */
export const relu_ = (x: Tensor): Tensor => {
  call("relu_", [x]);
  return x;
};
/**
 * exp(x) / Σ exp(x) along `dim`.
 *
 * @example
 * softmax(logits, 1); // each row of [R, C] sums to 1
 */
export const softmax = (x: Tensor, dim: number): Tensor => call("softmax.int", [x, dim]);
/**
 * The logarithm of `softmax`, computed stably.
 *
 * @example
 * logSoftmax(logits, 1);
 */
export const logSoftmax = (x: Tensor, dim: number): Tensor => call("log_softmax.int", [x, dim]);

/** As in torch.nn.functional.conv2d; the same for both axes. Defaults: no bias, stride 1, padding 0, dilation 1, one group. */
export interface ConvolutionOptions {
  readonly bias?: Tensor | null;
  readonly stride?: number;
  readonly padding?: number;
  readonly dilation?: number;
  readonly groups?: number;
}

/**
 * 2-d convolution: x [N, C, H, W], weight [O, C / groups, kH, kW], bias [O] → [N, O, H', W']. Throws a RangeError when shapes do
 * not fit.
 *
 * @example
 * conv2d(x, weight, { padding: 1 }); // a 3×3 kernel keeps H×W
 */
export function conv2d(x: Tensor, weight: Tensor, options: ConvolutionOptions = {}): Tensor {
  const { bias = null, stride = 1, padding = 0, dilation = 1, groups = 1 } = options;
  const [xs, ws] = [x.shape, weight.shape];
  if (xs.length !== 4) throw new RangeError(`conv2d: expected input [N, C, H, W], got [${xs.join(", ")}]`);
  if (ws.length !== 4 || ws[1] * groups !== xs[1])
    throw new RangeError(
      `conv2d: expected weight [O, C/groups, kH, kW] with C = ${xs[1]}${groups > 1 ? `, groups = ${groups}` : ""}, got [${ws.join(", ")}]`,
    );
  return call("conv2d", [x, weight, bias, stride, padding, dilation, groups]);
}

/**
 * x · weightᵀ + bias: x [..., in], weight [out, in], bias [out] → [..., out]. Throws a RangeError when shapes do not fit.
 *
 * @example
 * linear(x, weight, bias);
 */
export function linear(x: Tensor, weight: Tensor, bias: Tensor | null = null): Tensor {
  const [xs, ws] = [x.shape, weight.shape];
  if (ws.length !== 2 || ws[1] !== xs.at(-1))
    throw new RangeError(`linear: expected weight [out, in] with in = ${xs.at(-1)}, got [${ws.join(", ")}]`);
  return call("linear", [x, weight, bias]);
}

/**
 * The maximum of each `kernel` × `kernel` window: x [N, C, H, W] → [N, C, H', W']. `padding` defaults to 0.
 *
 * @example
 * maxPool2d(x, { kernel: 3, stride: 2, padding: 1 });
 */
export const maxPool2d = (x: Tensor, options: { kernel: number; stride: number; padding?: number }): Tensor =>
  call("max_pool2d", [x, options.kernel, options.stride, options.padding ?? 0]);

/**
 * Resizes x [N, C, H, W] → [N, C, height, width] by nearest neighbour.
 *
 * @example
 * upsampleNearest(x, [64, 64]);
 */
export const upsampleNearest = (x: Tensor, size: readonly [height: number, width: number]): Tensor =>
  call("upsample_nearest2d", [x, size]);

/**
 * Resizes x [N, C, H, W] → [N, C, height, width] bilinearly, with align_corners = false.
 *
 * @example
 * upsampleBilinear(x, [64, 64]);
 */
export const upsampleBilinear = (x: Tensor, size: readonly [height: number, width: number]): Tensor =>
  call("upsample_bilinear2d", [x, size, false]);

/**
 * Normalises each group of channels of an image to mean 0 and variance 1, then scales and shifts: x [N, C, ...], weight and bias
 * [C] → the shape of x. Wu & He 2018, https://arxiv.org/abs/1803.08494. C must be divisible by `groups`.
 *
 * @example
 * groupNorm(x, 32, { weight, bias, eps: 1e-5 });
 */
export const groupNorm = (x: Tensor, groups: number, options: { weight: Tensor; bias: Tensor; eps: number }): Tensor =>
  call("group_norm", [x, groups, options.weight, options.bias, options.eps, false]);

/**
 * Pads the last two dimensions with `value`; `padding` is [left, right, top, bottom] in pixels.
 *
 * @example
 * pad(x, [0, 16, 0, 8]); // 16 columns on the right, 8 rows at the bottom
 */
export const pad = (x: Tensor, padding: readonly [number, number, number, number], value = 0): Tensor =>
  call("constant_pad_nd", [x, padding, value]);

/**
 * Cross entropy per row, −log softmax(logits)[target]: logits [R, C], target [R] (int64, 0 to C − 1) → [R], without reduction.
 *
 * @example
 * crossEntropy(logits, Tensor.from([0n, 2n])).mean();
 */
export const crossEntropy = (logits: Tensor, target: Tensor): Tensor =>
  call("nll_loss", [logSoftmax(logits, 1), target, null, 0]);

/**
 * Binary cross entropy between sigmoid(logits) and `target` in [0, 1], elementwise, without reduction; both of one shape.
 *
 * @example
 * binaryCrossEntropyWithLogits(logits, labels).mean();
 */
export const binaryCrossEntropyWithLogits = (logits: Tensor, target: Tensor): Tensor =>
  call("binary_cross_entropy_with_logits", [logits, target, null, null, 0]);

/**
 * Smooth L1 loss of d = x − target: 0.5 d² / beta for |d| < beta, otherwise |d| − beta / 2; elementwise, without reduction. beta ≥ 0;
 * 0 gives |d|. (Girshick, ICCV 2015, https://arxiv.org/abs/1504.08083.)
 *
 * @example
 * smoothL1(predicted, codes, 1 / 9).sum();
 */
export const smoothL1 = (x: Tensor, target: Tensor, beta: number): Tensor =>
  beta === 0 ? x.sub(target).abs() : call("smooth_l1_loss", [x, target, 0, beta]);
