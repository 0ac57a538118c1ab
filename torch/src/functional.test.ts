import assert from "node:assert/strict";
import { test } from "node:test";
import { grad, gradCheck } from "./autograd.ts";
import {
  binaryCrossEntropyWithLogits,
  conv2d,
  crossEntropy,
  groupNorm,
  linear,
  logSoftmax,
  maxPool2d,
  ones,
  rand,
  randn,
  randperm,
  relu,
  relu_,
  smoothL1,
  upsampleBilinear,
  upsampleNearest,
  zeros,
} from "./functional.ts";
import { Generator } from "./generator.ts";
import { scope } from "./scope.ts";
import { Tensor } from "./tensor.ts";
import { close, devices, leaf, random } from "./tensors.fixture.ts";

/** A function of four indices as the values of a tensor [a, b, c, d], in order. */
function fill([a, b, c, d]: readonly number[], value: (i: number, j: number, k: number, l: number) => number): number[] {
  const values: number[] = [];
  for (let i = 0; i < a; i++)
    for (let j = 0; j < b; j++) for (let k = 0; k < c; k++) for (let l = 0; l < d; l++) values.push(value(i, j, k, l));
  return values;
}

/** Reads a tensor [a, b, c, d] by its indices; `outside` beyond the borders of the last two. */
function reader(x: Tensor, outside = 0): (i: number, j: number, k: number, l: number) => number {
  const [values, [, b, c, d]] = [x.numbers(), x.shape];
  return (i, j, k, l) => (k < 0 || k >= c || l < 0 || l >= d ? outside : values[((i * b + j) * c + k) * d + l]);
}

interface Window {
  kernel: number;
  stride: number;
  padding: number;
  dilation: number;
  groups: number;
}

/** Σ over the window of x · weight + bias, by seven loops. */
function slowConv2d(x: Tensor, weight: Tensor, bias: Tensor | null, window: Window): number[] {
  const { kernel, stride, padding, dilation, groups } = window;
  const [[n, , h, w], [o, perGroup]] = [x.shape, weight.shape];
  const size = (pixels: number): number => Math.floor((pixels + 2 * padding - dilation * (kernel - 1) - 1) / stride) + 1;
  const [at, weightAt, added] = [reader(x), reader(weight), bias?.numbers()];
  return fill([n, o, size(h), size(w)], (i, out, row, column) => {
    let sum = added?.[out] ?? 0;
    const first = Math.floor(out / (o / groups)) * perGroup;
    for (let c = 0; c < perGroup; c++)
      for (let p = 0; p < kernel; p++)
        for (let q = 0; q < kernel; q++)
          sum +=
            weightAt(out, c, p, q) *
            at(i, first + c, row * stride - padding + p * dilation, column * stride - padding + q * dilation);
    return sum;
  });
}

const windows: [Window, withBias: boolean][] = [
  [{ kernel: 1, stride: 1, padding: 0, dilation: 1, groups: 1 }, true],
  [{ kernel: 3, stride: 1, padding: 1, dilation: 1, groups: 1 }, true],
  [{ kernel: 3, stride: 2, padding: 1, dilation: 1, groups: 1 }, false],
  [{ kernel: 3, stride: 1, padding: 2, dilation: 2, groups: 2 }, true],
  [{ kernel: 5, stride: 3, padding: 3, dilation: 1, groups: 4 }, false],
];

for (const device of devices()) {
  for (const [window, withBias] of windows)
    test(`conv2d equals seven loops: ${JSON.stringify(window)} (${device})`, () =>
      scope(() => {
        const x = random([2, 4, 6, 7], 1).toDevice(device);
        const weight = random([8, 4 / window.groups, window.kernel, window.kernel], 2).toDevice(device);
        const bias = withBias ? random([8], 3).toDevice(device) : null;
        const expected = slowConv2d(x, weight, bias, window);
        close(conv2d(x, weight, { bias, ...window }), expected);
        close(conv2d(x.contiguous("channels_last"), weight.contiguous("channels_last"), { bias, ...window }), expected);
      }));

  test(`linear equals loops, with leading dimensions and without rows (${device})`, () =>
    scope(() => {
      const [x, weight, bias] = [random([2, 3, 4], 1), random([5, 4], 2), random([5], 3)].map((tensor) =>
        tensor.toDevice(device),
      );
      const at = reader(weight.unsqueeze(0).unsqueeze(0));
      const expected = fill([1, 2, 3, 5], (_, i, j, k) => {
        const row = x.select(0, i).select(0, j).numbers();
        return row.reduce((sum, value, c) => sum + value * at(0, 0, k, c), bias.numbers()[k]);
      });
      close(linear(x, weight, bias), expected);
      close(
        linear(x, weight),
        expected.map((value, i) => value - bias.numbers()[i % 5]),
      );
      assert.deepEqual(linear(zeros([0, 4], { device }), ones([5, 4], { device })).shape, [0, 5]);
    }));

  test(`maxPool2d equals loops (${device})`, () =>
    scope(() => {
      const x = random([2, 3, 7, 6], 1).toDevice(device);
      const at = reader(x, Number.NEGATIVE_INFINITY);
      for (const { kernel, stride, padding } of [
        { kernel: 3, stride: 2, padding: 1 },
        { kernel: 2, stride: 2, padding: 0 },
        { kernel: 1, stride: 2, padding: 0 },
      ]) {
        const size = (pixels: number): number => Math.floor((pixels + 2 * padding - kernel) / stride) + 1;
        const expected = fill([2, 3, size(7), size(6)], (n, c, i, j) =>
          Math.max(
            ...fill([1, 1, kernel, kernel], (_n, _c, p, q) => at(n, c, i * stride - padding + p, j * stride - padding + q)),
          ),
        );
        close(maxPool2d(x, { kernel, stride, padding }), expected);
        close(maxPool2d(x.contiguous("channels_last"), { kernel, stride, padding }), expected);
      }
    }));

  test(`upsampleNearest and upsampleBilinear equal loops, up and down (${device})`, () =>
    scope(() => {
      const x = random([2, 3, 4, 5], 1).toDevice(device);
      const at = reader(x);
      for (const [height, width] of [
        [8, 10],
        [4, 5],
        [7, 3],
        [1, 1],
      ] as const) {
        const [sy, sx] = [4 / height, 5 / width];
        close(
          upsampleNearest(x, [height, width]),
          fill([2, 3, height, width], (n, c, i, j) => at(n, c, Math.floor(i * sy), Math.floor(j * sx))),
        );
        const bilinear = fill([2, 3, height, width], (n, c, i, j) => {
          const [y, z] = [Math.max((i + 0.5) * sy - 0.5, 0), Math.max((j + 0.5) * sx - 0.5, 0)];
          const [y0, x0] = [Math.floor(y), Math.floor(z)];
          const [y1, x1] = [Math.min(y0 + 1, 3), Math.min(x0 + 1, 4)];
          const [fy, fx] = [y - y0, z - x0];
          return (
            (1 - fy) * ((1 - fx) * at(n, c, y0, x0) + fx * at(n, c, y0, x1)) +
            fy * ((1 - fx) * at(n, c, y1, x0) + fx * at(n, c, y1, x1))
          );
        });
        close(upsampleBilinear(x, [height, width]), bilinear);
        close(upsampleBilinear(x.contiguous("channels_last"), [height, width]), bilinear);
      }
    }));

  test(`groupNorm equals loops (${device})`, () =>
    scope(() => {
      const [x, weight, bias] = [random([2, 6, 3, 2], 1), random([6], 2), random([6], 3)].map((tensor) =>
        tensor.toDevice(device),
      );
      const [at, scale, shift] = [reader(x), weight.numbers(), bias.numbers()];
      for (const groups of [1, 2, 6]) {
        const size = 6 / groups;
        const expected = fill([2, 6, 3, 2], (n, c, i, j) => {
          const first = Math.floor(c / size) * size;
          const members = fill([1, size, 3, 2], (_, k, p, q) => at(n, first + k, p, q));
          const mean = members.reduce((sum, value) => sum + value, 0) / members.length;
          const variance = members.reduce((sum, value) => sum + (value - mean) ** 2, 0) / members.length;
          return ((at(n, c, i, j) - mean) / Math.sqrt(variance + 1e-5)) * scale[c] + shift[c];
        });
        close(groupNorm(x, groups, { weight, bias, eps: 1e-5 }), expected);
        close(groupNorm(x.contiguous("channels_last"), groups, { weight, bias, eps: 1e-5 }), expected);
      }
    }));

  test(`losses equal loops (${device})`, () =>
    scope(() => {
      const [logits, x, y] = [random([4, 3], 1), random([9], 2), random([9], 3)].map((tensor) => tensor.toDevice(device));
      const target = Tensor.from([2n, 0n, 1n, 2n], [4], { device });
      const at = reader(logits.unsqueeze(0).unsqueeze(0));
      const expected = target
        .numbers()
        .map((t, i) => Math.log([0, 1, 2].reduce((sum, c) => sum + Math.exp(at(0, 0, i, c)), 0)) - at(0, 0, i, t));
      close(crossEntropy(logits, target), expected);
      close(logSoftmax(logits, 1).gather(1, target.unsqueeze(1)).neg(), expected);
      assert.deepEqual(crossEntropy(zeros([0, 3], { device }), target.slice(0, 0, 0)).shape, [0]);

      const [xs, ys] = [x.numbers(), y.numbers()];
      const soft = ys.map((value) => 1 / (1 + Math.exp(-value)));
      close(
        binaryCrossEntropyWithLogits(x, y.sigmoid()),
        xs.map((logit, i) => Math.log1p(Math.exp(logit)) - soft[i] * logit),
      );
      const extreme = binaryCrossEntropyWithLogits(
        Tensor.from([1000, -1000], [2], { device }),
        Tensor.from([0, 0], [2], { device }),
      );
      close(extreme, [1000, 0]);

      for (const beta of [0, 1 / 9, 1]) {
        const expectedLoss = xs.map((value, i) => {
          const d = Math.abs(value - ys[i]);
          return d < beta ? (0.5 * d * d) / beta : d - beta / 2;
        });
        close(smoothL1(x, y, beta), expectedLoss);
      }
    }));

  test(`random numbers: range, moments, permutation (${device})`, () =>
    scope(() => {
      const generator = new Generator(5, device);
      const uniform = rand([20_000], generator, { device });
      assert.ok(uniform.ge(0).all().item() && uniform.lt(1).all().item());
      close([uniform.mean().item(), uniform.pow(2).mean().item()], [1 / 2, 1 / 3], 0.02);
      const normal = randn([20_000], generator, { device, dtype: "float64" });
      close([normal.mean().item(), normal.pow(2).mean().item(), normal.pow(4).mean().item()], [0, 1, 3], 0.05);
      const permutation = randperm(100, generator, { device }).numbers();
      assert.deepEqual(
        permutation.toSorted((a, b) => a - b),
        Array.from({ length: 100 }, (_, i) => i),
      );
      assert.notDeepEqual(
        permutation,
        permutation.toSorted((a, b) => a - b),
      );
    }));
}

test("smoothL1 with beta 0 has gradient 0 where there is no difference", () => {
  const x = leaf([2], 1);
  assert.deepEqual(grad([smoothL1(x, x.detach(), 0).sum()], [x])[0]?.numbers(), [0, 0]);
});

const weighted = (x: Tensor): Tensor => x.mul(random(x.shape, 99)).sum();
const target = Tensor.from([2n, 0n, 1n, 2n]);
const checked: [name: string, f: (...inputs: Tensor[]) => Tensor, shapes: number[][]][] = [
  ...windows.map(([window, withBias]): [string, (...inputs: Tensor[]) => Tensor, number[][]] => [
    `conv2d ${JSON.stringify(window)}`,
    (x, weight, bias) => conv2d(x, weight, { bias, ...window }),
    [[1, 4, 4, 5], [4, 4 / window.groups, window.kernel, window.kernel], ...(withBias ? [[4]] : [])],
  ]),
  ["linear", linear, [[3, 4], [2, 4], [2]]],
  ["maxPool2d", (x) => maxPool2d(x, { kernel: 3, stride: 2, padding: 1 }), [[1, 2, 5, 4]]],
  ["upsampleNearest", (x) => upsampleNearest(x, [5, 4]), [[1, 2, 3, 2]]],
  ["upsampleBilinear", (x) => upsampleBilinear(x, [5, 4]), [[1, 2, 3, 2]]],
  ["groupNorm", (x, weight, bias) => groupNorm(x, 2, { weight, bias, eps: 1e-5 }), [[2, 4, 2, 2], [4], [4]]],
  ["crossEntropy", (x) => crossEntropy(x, target), [[4, 3]]],
  ["binaryCrossEntropyWithLogits", (x) => binaryCrossEntropyWithLogits(x, random([7], 5).sigmoid()), [[7]]],
  ["smoothL1, small beta", (x, y) => smoothL1(x, y, 1 / 9), [[7], [7]]],
  ["smoothL1, beta 1", (x, y) => smoothL1(x, y, 1), [[7], [7]]],
  ["smoothL1, beta 0", (x, y) => smoothL1(x, y, 0), [[7], [7]]],
  ["relu", relu, [[7]]],
  ["relu_ of a result", (x) => relu_(x.mul(2)), [[7]]],
];
for (const [name, f, shapes] of checked)
  test(`the gradient of ${name} equals central differences`, () => {
    const inputs = shapes.map((shape, i) => leaf(shape, i + 1));
    assert.ok(gradCheck((...given) => weighted(f(...given)), inputs) < 1e-7);
  });

const image = zeros([1, 2, 4, 4]);
const refused: [name: string, body: () => unknown, message: RegExp][] = [
  [
    "conv2d of three dimensions",
    () => conv2d(zeros([2, 4, 4]), zeros([3, 2, 3, 3])),
    /conv2d: expected input \[N, C, H, W\], got \[2, 4, 4\]/,
  ],
  [
    "conv2d with another number of channels",
    () => conv2d(image, zeros([3, 5, 3, 3])),
    /conv2d: expected weight \[O, C\/groups, kH, kW\] with C = 2, got \[3, 5, 3, 3\]/,
  ],
  ["conv2d with groups", () => conv2d(image, zeros([4, 2, 3, 3]), { groups: 2 }), /with C = 2, groups = 2, got/],
  [
    "conv2d with another dtype",
    () => conv2d(image, zeros([3, 2, 3, 3], { dtype: "float64" })),
    /aten::conv2d: .*input float32\[1, 2, 4, 4\], weight float64\[3, 2, 3, 3\]/,
  ],
  ["conv2d with a kernel larger than the image", () => conv2d(image, zeros([3, 2, 5, 5])), /[Kk]ernel size can't be greater/],
  [
    "conv2d with a bias of another length",
    () => conv2d(image, zeros([3, 2, 3, 3]), { bias: zeros([4]) }),
    /aten::conv2d: .*bias float32\[4\]/,
  ],
  [
    "linear with another width",
    () => linear(zeros([2, 3]), zeros([4, 5])),
    /linear: expected weight \[out, in\] with in = 3, got \[4, 5\]/,
  ],
  ["maxPool2d with stride 0", () => maxPool2d(image, { kernel: 2, stride: 0 }), /aten::max_pool2d: stride should not be zero/],
  ["upsampling to a negative size", () => upsampleNearest(image, [-1, 2]), /aten::upsample_nearest2d: /],
  [
    "groupNorm with groups that do not divide",
    () => groupNorm(image, 3, { weight: ones([2]), bias: ones([2]), eps: 1e-5 }),
    /aten::group_norm: .*divisible/,
  ],
  [
    "a class that there is not",
    () => crossEntropy(zeros([2, 3]), Tensor.from([0n, 3n])),
    /aten::nll_loss: Target 3 is out of bounds.*self float32\[2, 3\]/,
  ],
  ["a logit for each target", () => binaryCrossEntropyWithLogits(zeros([2]), zeros([3])), /binary_cross_entropy_with_logits: /],
];
for (const [name, body, message] of refused) test(`${name} is an error`, () => assert.throws(() => scope(body), message));
