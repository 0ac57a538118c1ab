// Conv2d, Linear, the normalisations and the initialisation of weights.

import assert from "node:assert/strict";
import { test } from "node:test";
import { backward, gradCheck, noGrad } from "../autograd.ts";
import { call } from "../call.ts";
import { conv2d, groupNorm, linear, relu } from "../functional.ts";
import { Generator } from "../generator.ts";
import { scope } from "../scope.ts";
import { Tensor } from "../tensor.ts";
import { close, devices, leaf, random } from "../tensors.fixture.ts";
import { Conv2d } from "./conv2d.ts";
import * as init from "./init.ts";
import { Linear } from "./linear.ts";
import type { Module } from "./module.ts";
import { BatchNorm2d, FrozenBatchNorm2d, GroupNorm } from "./normalization.ts";

const generator = new Generator(1);

/** Gives a module's state random values: variances positive, counts 0. */
function shuffle(module: Module, seed = 1): void {
  noGrad(() =>
    scope(() => {
      for (const [name, tensor] of module.state())
        if (tensor.dtype !== "int64")
          tensor.copy_(name.endsWith("var") ? random(tensor.shape, ++seed).abs().add(0.5) : random(tensor.shape, ++seed));
    }),
  );
}

test("Conv2d and Linear compute what their functions do; weights are float32 and channels_last", () =>
  scope(() => {
    const conv = new Conv2d({ inChannels: 2, outChannels: 3, kernel: 3, stride: 2, padding: 1, generator });
    const head = new Linear({ inFeatures: 4, outFeatures: 2, generator });
    for (const module of [conv, head]) shuffle(module);
    const x = random([2, 2, 5, 4], 7, "float32");
    close(conv.forward(x), conv2d(x, conv.weight, { bias: conv.bias, stride: 2, padding: 1 }));
    close(head.forward(x), linear(x, head.weight, head.bias));
    assert.deepEqual([conv.weight.strides, conv.weight.dtype], [[18, 1, 6, 2], "float32"]);
    assert.equal(new Conv2d({ inChannels: 2, outChannels: 3, kernel: 1, bias: false, generator }).bias, null);
  }));

for (const device of devices())
  test(`bfloat16 activations train float32 weights (${device})`, () =>
    scope(() => {
      const conv = new Conv2d({ inChannels: 2, outChannels: 4, kernel: 3, padding: 1, generator });
      const norm = new GroupNorm(4, 2);
      const frozen = new FrozenBatchNorm2d(4);
      const batch = new BatchNorm2d(4);
      const head = new Linear({ inFeatures: 4, outFeatures: 2, generator });
      const modules = [conv, norm, frozen, batch, head];
      for (const module of modules) module.toDevice(device);
      const run = (x: Tensor): Tensor => {
        const features = relu(norm.after(conv, x)).add(frozen.after(conv, x)).add(batch.after(conv, x));
        return head.forward(features.permute(0, 2, 3, 1));
      };
      const x = random([1, 2, 6, 6], 3, "float32").toDevice(device);
      const gradients = (["float32", "bfloat16"] as const).map((dtype) => {
        const y = run(x.to(dtype));
        assert.equal(y.dtype, dtype);
        backward(y.to("float32").pow(2).mean());
        return modules.flatMap((module) =>
          [...module.parameters().values()].map((weight) => {
            const gradient = weight.grad as Tensor;
            assert.deepEqual([weight.dtype, gradient.dtype], ["float32", "float32"]);
            weight.grad = null;
            return gradient;
          }),
        );
      });
      gradients[0].forEach((exact, i) => {
        const error = gradients[1][i].sub(exact).pow(2).sum().sqrt().item();
        assert.ok(error < 0.05 * exact.pow(2).sum().sqrt().item() + 0.01, `parameter ${i}: the gradient is off by ${error}`);
      });
    }));

test("FrozenBatchNorm2d folded into a convolution equals the convolution, then the formula", () =>
  scope(() => {
    for (const bias of [false, true]) {
      const conv = new Conv2d({ inChannels: 2, outChannels: 3, kernel: 3, padding: 1, bias, generator });
      const norm = new FrozenBatchNorm2d(3, 1e-3);
      for (const module of [conv, norm]) shuffle(module);
      const x = random([2, 2, 4, 5], 3, "float32");
      const channel = (tensor: Tensor): Tensor => tensor.reshape(1, -1, 1, 1);
      const deviation = channel(norm.running_var).add(1e-3).sqrt();
      const expected = conv
        .forward(x)
        .sub(channel(norm.running_mean))
        .div(deviation)
        .mul(channel(norm.weight))
        .add(channel(norm.bias));
      close(norm.after(conv, x), expected, 1e-5);
      backward(norm.after(conv, x).sum());
      assert.deepEqual(conv.weight.grad?.shape, [3, 2, 3, 3]);
      assert.equal(norm.weight.grad, null);
    }
  }));

test("BatchNorm2d: the batch's statistics in training, the running ones otherwise", () =>
  scope(() => {
    const norm = new BatchNorm2d(3, { eps: 1e-3, momentum: 0.2 });
    shuffle(norm);
    const running = { mean: norm.running_mean.numbers(), variance: norm.running_var.numbers() };
    const [weight, bias] = [norm.weight.numbers(), norm.bias.numbers()];
    const normalised = (values: number[], c: number, mean: number, variance: number): number[] =>
      values.map((value) => ((value - mean) / Math.sqrt(variance + 1e-3)) * weight[c] + bias[c]);
    const channel = (y: Tensor, c: number): number[] => y.select(1, c).numbers();

    for (let step = 1; step <= 3; step++) {
      const x = random([2, 3, 4, 5], 10 + step, "float32");
      const y = norm.forward(x);
      for (let c = 0; c < 3; c++) {
        const values = channel(x, c);
        const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
        const squares = values.reduce((sum, value) => sum + (value - mean) ** 2, 0);
        close(channel(y, c), normalised(values, c, mean, squares / values.length), 1e-5);
        running.mean[c] += 0.2 * (mean - running.mean[c]);
        running.variance[c] += 0.2 * (squares / (values.length - 1) - running.variance[c]);
      }
      close(norm.running_mean, running.mean, 1e-5);
      close(norm.running_var, running.variance, 1e-5);
      assert.equal(norm.num_batches_tracked.item(), step);
    }

    norm.training = false;
    const x = random([1, 3, 2, 2], 20, "float32");
    for (let c = 0; c < 3; c++)
      close(channel(norm.forward(x), c), normalised(channel(x, c), c, running.mean[c], running.variance[c]), 1e-5);
    close(norm.running_mean, running.mean, 1e-5);
    assert.equal(norm.num_batches_tracked.item(), 3);
  }));

test("the gradient of batch normalisation equals central differences, in training too", () => {
  const statistics = [Tensor.from(Float64Array.of(0, 1)), Tensor.from(Float64Array.of(1, 2))];
  for (const training of [true, false]) {
    const f = (x: Tensor, weight: Tensor, bias: Tensor): Tensor =>
      call("batch_norm", [
        x,
        weight,
        bias,
        ...(statistics.map((tensor) => tensor.clone()) as [Tensor, Tensor]),
        training,
        0.1,
        1e-5,
        true,
      ])
        .mul(random(x.shape, 9))
        .sum();
    assert.ok(gradCheck(f, [leaf([2, 2, 2, 3], 1), leaf([2], 2), leaf([2], 3)]) < 1e-6);
  }
});

test("GroupNorm computes what its function does, after a convolution with bias too", () =>
  scope(() => {
    const conv = new Conv2d({ inChannels: 2, outChannels: 6, kernel: 1, generator });
    const norm = new GroupNorm(6, 3);
    for (const module of [conv, norm]) shuffle(module);
    const x = random([2, 2, 3, 3], 3, "float32");
    close(norm.after(conv, x), groupNorm(conv.forward(x), 3, { weight: norm.weight, bias: norm.bias, eps: 1e-5 }));
    assert.throws(() => new GroupNorm(6, 4).forward(conv.forward(x)), /divisible/);
  }));

const shape = [64, 32, 3, 3];
const inits: [name: string, f: init.Init, deviation: number, bound: number][] = [
  ["normal(0.01)", init.normal(0.01), 0.01, 0.06],
  ["uniform(±0.1)", init.uniform(() => 0.1), 0.1 / Math.sqrt(3), 0.1],
  ["kaimingNormal, fan out", init.kaimingNormal, Math.sqrt(2 / (64 * 9)), 6 * Math.sqrt(2 / (64 * 9))],
  ["kaimingUniform, fan in", init.kaimingUniform, Math.sqrt(1 / (32 * 9)), Math.sqrt(3 / (32 * 9))],
  ["layerDefault", init.layerDefault, 1 / Math.sqrt(3 * 32 * 9), 1 / Math.sqrt(32 * 9)],
];
for (const [name, f, deviation, bound] of inits)
  test(`init.${name}: mean 0, its deviation, within its bound, the same for the same seed`, () =>
    scope(() => {
      const values = f(shape, new Generator(3));
      assert.deepEqual(values.shape, shape);
      close([values.mean().item() / deviation, values.pow(2).mean().sqrt().item() / deviation], [0, 1], 0.02);
      const largest = Math.max(...values.abs().numbers());
      assert.ok(largest <= bound && largest > 0.5 * bound, `${largest} against ${bound}`);
      assert.deepEqual(f(shape, new Generator(3)).bytes(), values.bytes());
      assert.notDeepEqual(f(shape, new Generator(4)).bytes(), values.bytes());
    }));

test("a linear weight's fans are its two sizes; biases begin at 0", () =>
  scope(() => {
    const head = new Linear({ inFeatures: 400, outFeatures: 25, init: init.kaimingNormal, generator });
    close([head.weight.pow(2).mean().item()], [2 / 25], 0.03);
    close([new Linear({ inFeatures: 400, outFeatures: 25, generator }).weight.pow(2).mean().item()], [1 / 1200], 0.03);
    close(head.bias, new Array<number>(25).fill(0));
  }));
