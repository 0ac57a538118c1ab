// The operators that read best as functions: making tensors, joining them, convolution, normalisation, pooling, losses.
// Names are PyTorch's. Shape letters: N images, C channels, H×W pixels, O output channels, kH×kW kernel.

import { call } from "./call.ts";
import type { Device, Dtype, MemoryFormat } from "./dtype.ts";
import type { Generator } from "./generator.ts";
import type { Tensor } from "./tensor.ts";

export interface TensorOptions {
  readonly dtype?: Dtype;
  readonly device?: Device;
}

export const zeros = (shape: readonly number[], options: TensorOptions = {}): Tensor => call("zeros", [shape], { ...options });
export const ones = (shape: readonly number[], options: TensorOptions = {}): Tensor => call("ones", [shape], { ...options });
export const full = (shape: readonly number[], value: number, options: TensorOptions = {}): Tensor =>
  call("full", [shape, value], { dtype: "float32", ...options });
/** Without values yet; in `memory_format`. */
export const empty = (shape: readonly number[], options: TensorOptions & { memory_format?: MemoryFormat } = {}): Tensor =>
  call("empty.memory_format", [shape], { ...options });
/** 0, 1, … end − 1 as int64, or in another dtype. */
export const arange = (end: number, options: TensorOptions = {}): Tensor => call("arange", [end], { dtype: "int64", ...options });
/** Gaussian, mean 0, deviation 1. */
export const randn = (shape: readonly number[], generator: Generator, options: TensorOptions = {}): Tensor =>
  call("randn.generator", [shape], { generator, ...options });
/** Uniform in [0, 1). */
export const rand = (shape: readonly number[], generator: Generator, options: TensorOptions = {}): Tensor =>
  call("rand.generator", [shape], { generator, ...options });
/** 0 … n − 1 in random order, int64 [n]. */
export const randperm = (n: number, generator: Generator, options: TensorOptions = {}): Tensor =>
  call("randperm.generator", [n], { generator, ...options });
export const zerosLike = (tensor: Tensor): Tensor => call("zeros_like", [tensor]);

/** Joins along an existing dimension. */
export const cat = (tensors: readonly Tensor[], dim = 0): Tensor => call("cat", [tensors, dim]);
/** Joins along a new dimension. */
export const stack = (tensors: readonly Tensor[], dim = 0): Tensor => call("stack", [tensors, dim]);
/** `a` where the condition holds, else `b`. */
export const where = (condition: Tensor, a: Tensor, b: Tensor): Tensor => call("where.self", [condition, a, b]);

export const relu = (x: Tensor): Tensor => call("relu", [x]);
/** In place: for the output of an operator that does not need it for its own gradient (convolution, normalisation). */
export const relu_ = (x: Tensor): Tensor => {
  call("relu_", [x]);
  return x;
};
export const softmax = (x: Tensor, dim: number): Tensor => call("softmax.int", [x, dim]);
export const logSoftmax = (x: Tensor, dim: number): Tensor => call("log_softmax.int", [x, dim]);

export interface ConvolutionOptions {
  readonly bias?: Tensor | null;
  readonly stride?: number;
  readonly padding?: number;
  readonly dilation?: number;
  readonly groups?: number;
}

/** x [N, C, H, W], weight [O, C / groups, kH, kW], bias [O] → [N, O, H', W']. */
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

/** x [..., in], weight [out, in], bias [out] → [..., out]. */
export function linear(x: Tensor, weight: Tensor, bias: Tensor | null = null): Tensor {
  const [xs, ws] = [x.shape, weight.shape];
  if (ws.length !== 2 || ws[1] !== xs.at(-1))
    throw new RangeError(`linear: expected weight [out, in] with in = ${xs.at(-1)}, got [${ws.join(", ")}]`);
  return call("linear", [x, weight, bias]);
}

/** Largest value of each window; x [N, C, H, W]. */
export const maxPool2d = (x: Tensor, options: { kernel: number; stride: number; padding?: number }): Tensor =>
  call("max_pool2d", [x, options.kernel, options.stride, options.padding ?? 0]);

/** x [N, C, H, W] → [N, C, height, width], each pixel the nearest one. */
export const upsampleNearest = (x: Tensor, size: readonly [height: number, width: number]): Tensor =>
  call("upsample_nearest2d", [x, size]);

/** x [N, C, H, W] → [N, C, height, width], pixel centres aligned (align_corners = false). */
export const upsampleBilinear = (x: Tensor, size: readonly [height: number, width: number]): Tensor =>
  call("upsample_bilinear2d", [x, size, false]);

/** x [N, C, ...], weight and bias [C]; each image's groups of channels to mean 0 and variance 1. */
export const groupNorm = (x: Tensor, groups: number, options: { weight: Tensor; bias: Tensor; eps: number }): Tensor =>
  call("group_norm", [x, groups, options.weight, options.bias, options.eps, false]);

/** Adds 1 × 1 … pixels of `value` at the right and at the bottom: pad = [left, right, top, bottom]. */
export const pad = (x: Tensor, padding: readonly [number, number, number, number], value = 0): Tensor =>
  call("constant_pad_nd", [x, padding, value]);

/** −log of the probability of class `target` [R] (int64) under `logits` [R, C], for each row → [R]. */
export const crossEntropy = (logits: Tensor, target: Tensor): Tensor =>
  call("nll_loss", [logSoftmax(logits, 1), target, null, 0]);

/** Of a 0/1 (or soft) target, elementwise, from logits. */
export const binaryCrossEntropyWithLogits = (logits: Tensor, target: Tensor): Tensor =>
  call("binary_cross_entropy_with_logits", [logits, target, null, null, 0]);

/** 0.5 d² / beta for |d| < beta, else |d| − beta / 2, elementwise. */
export const smoothL1 = (x: Tensor, target: Tensor, beta: number): Tensor =>
  beta === 0 ? x.sub(target).abs() : call("smooth_l1_loss", [x, target, 0, beta]);
