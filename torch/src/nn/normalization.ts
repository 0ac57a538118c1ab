// Normalisation layers between a convolution and its ReLU, with the field names of PyTorch's state dicts. `after(conv, x)` is the
// convolution followed by the normalisation; a frozen one is folded into the weights.

import { call } from "../call.ts";
import { groupNorm, ones, zeros } from "../functional.ts";
import type { Tensor } from "../tensor.ts";
import type { Conv2d } from "./conv2d.ts";
import { Module, parameter } from "./module.ts";

/** A layer that normalises the output of a convolution. */
export interface Normalization extends Module {
  /** x [N, I, H, W] → normalised convolution [N, C, H', W'] */
  after(conv: Conv2d, x: Tensor): Tensor;
}

/** Makes the normalisation of a number of channels. */
export type NormalizationFactory = (channels: number) => Normalization;

/**
 * Batch normalisation with constant statistics and scale, so that it folds into the convolution:
 * y = s·(conv(x; W) + c − mean) + b = conv(x; s·W) + b + s·(c − mean), with s = weight / √(running_var + eps) and c the bias of the
 * convolution, if any.
 *
 * @example
 * new FrozenBatchNorm2d(64).after(conv, x); // [N, I, H, W] → [N, 64, H', W']
 */
export class FrozenBatchNorm2d extends Module implements Normalization {
  readonly weight: Tensor;
  readonly bias: Tensor;
  readonly running_mean: Tensor;
  readonly running_var: Tensor;
  readonly #eps: number;

  constructor(channels: number, eps = 1e-5) {
    super();
    this.weight = parameter(ones([channels]), false);
    this.bias = parameter(zeros([channels]), false);
    this.running_mean = parameter(zeros([channels]), false);
    this.running_var = parameter(ones([channels]), false);
    this.#eps = eps;
  }

  override requireGrad(): void {} // frozen stays frozen

  after(conv: Conv2d, x: Tensor): Tensor {
    const scale = this.weight.mul(this.running_var.add(this.#eps).rsqrt()); // [C]
    const shift = conv.bias ? conv.bias.sub(this.running_mean) : this.running_mean.neg(); // [C]
    const bias = this.bias.add(shift.mul(scale)); // [C]
    return conv.with(x, conv.weight.mul(scale.reshape(-1, 1, 1, 1)), bias);
  }
}

/**
 * Batch normalisation (Ioffe & Szegedy 2015, https://arxiv.org/abs/1502.03167). While the field `training` is true it uses the
 * statistics of the batch and updates the running ones; otherwise it uses the running statistics.
 *
 * @example
 * const norm = new BatchNorm2d(64);
 * norm.training = false;
 * norm.forward(x);
 */
export class BatchNorm2d extends Module implements Normalization {
  readonly weight: Tensor;
  readonly bias: Tensor;
  readonly running_mean: Tensor;
  readonly running_var: Tensor;
  readonly num_batches_tracked: Tensor;
  training = true;
  readonly #eps: number;
  readonly #momentum: number;

  constructor(channels: number, options: { eps?: number; momentum?: number } = {}) {
    super();
    this.weight = parameter(ones([channels]));
    this.bias = parameter(zeros([channels]));
    this.running_mean = parameter(zeros([channels]), false);
    this.running_var = parameter(ones([channels]), false);
    this.num_batches_tracked = parameter(zeros([], { dtype: "int64" }), false);
    this.#eps = options.eps ?? 1e-5;
    this.#momentum = options.momentum ?? 0.1;
  }

  override requireGrad(value: boolean): void {
    this.weight.requiresGrad = value;
    this.bias.requiresGrad = value;
  }

  /** x [N, C, H, W] → the same shape */
  forward(x: Tensor): Tensor {
    if (this.training) this.num_batches_tracked.add_(1);
    return call("batch_norm", [
      x,
      this.weight,
      this.bias,
      this.running_mean,
      this.running_var,
      this.training,
      this.#momentum,
      this.#eps,
      true,
    ]);
  }

  after(conv: Conv2d, x: Tensor): Tensor {
    return this.forward(conv.forward(x));
  }
}

/**
 * Group normalisation (Wu & He 2018, https://arxiv.org/abs/1803.08494). It does not depend on the batch, so it trains from scratch
 * with one image per step. `channels` must be divisible by `groups`.
 *
 * @example
 * new GroupNorm(64).forward(x); // [N, 64, H, W] → the same shape
 */
export class GroupNorm extends Module implements Normalization {
  readonly weight: Tensor;
  readonly bias: Tensor;
  readonly #groups: number;

  constructor(channels: number, groups = 32) {
    super();
    this.weight = parameter(ones([channels]));
    this.bias = parameter(zeros([channels]));
    this.#groups = groups;
  }

  /** x [N, C, H, W] → the same shape */
  forward(x: Tensor): Tensor {
    const dtype = x.dtype;
    return groupNorm(x, this.#groups, { weight: this.weight.to(dtype), bias: this.bias.to(dtype), eps: 1e-5 });
  }

  after(conv: Conv2d, x: Tensor): Tensor {
    return this.forward(conv.forward(x));
  }
}
