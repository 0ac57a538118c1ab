import assert from "node:assert/strict";
import { test } from "node:test";
import { call } from "./call.ts";
import type { Dtype, TypedArray } from "./dtype.ts";
import { arange, cat, empty, full, ones, pad, softmax, stack, where, zeros, zerosLike } from "./functional.ts";
import { memory, scope } from "./scope.ts";
import { Tensor } from "./tensor.ts";
import { close, devices, random } from "./tensors.fixture.ts";

const arrays: [Dtype, TypedArray][] = [
  ["float32", Float32Array.of(1.5, -0, Number.NaN, Number.POSITIVE_INFINITY, 3.4e38, 1e-45)],
  ["float64", Float64Array.of(1.5, -0, Number.NaN, Number.NEGATIVE_INFINITY, Number.MAX_VALUE, 5e-324)],
  ["int64", BigInt64Array.of(0n, 1n, -1n, 2n ** 63n - 1n, -(2n ** 63n), 2n ** 53n + 1n)],
  ["int32", Int32Array.of(0, -1, 2 ** 31 - 1, -(2 ** 31))],
  ["int16", Int16Array.of(0, -1, 32767, -32768)],
  ["int8", Int8Array.of(0, -1, 127, -128)],
  ["uint8", Uint8Array.of(0, 1, 255)],
];

for (const device of devices()) {
  for (const [dtype, values] of arrays)
    test(`${dtype} goes in and out bit by bit (${device})`, () => {
      const tensor = Tensor.from(values, undefined, { device });
      assert.equal(tensor.dtype, dtype);
      assert.deepEqual(tensor.data(), values);
      assert.deepEqual(tensor.bytes(), new Uint8Array(values.buffer));
      assert.deepEqual(Tensor.fromBytes(tensor.bytes(), [values.length, 1], dtype, device).data(), values);
      assert.deepEqual(tensor.numbers(), Array.from(values as ArrayLike<number | bigint>, Number));
    });
}

test("bool, bigints and numbers in plain arrays; a chosen dtype", () => {
  assert.deepEqual(
    [Tensor.from([true, false]).dtype, Tensor.from([1n]).dtype, Tensor.from([1]).dtype],
    ["bool", "int64", "float32"],
  );
  assert.deepEqual(Tensor.from([true, false]).data(), Uint8Array.of(1, 0));
  assert.deepEqual(Tensor.from([3, 0, -1], [3], { dtype: "bool" }).numbers(), [1, 0, 1]);
  assert.deepEqual(Tensor.from([1, 2n, true], [3], { dtype: "int64" }).data(), BigInt64Array.of(1n, 2n, 1n));
  assert.deepEqual(Tensor.from(Float32Array.of(1.5), [1], { dtype: "float64" }).data(), Float64Array.of(1.5));
  assert.deepEqual(Tensor.from(new Uint8ClampedArray([300])).numbers(), [255]);
  assert.deepEqual(Tensor.from(new Float32Array([0, 1, 2, 3]).subarray(1, 3)).numbers(), [1, 2]);
});

test("bfloat16 and float16 by way of float32: rounded to 8 and 11 bits", () => {
  const values = Tensor.from([1, 1 + 2 ** -9, 3.2, -65504]);
  assert.deepEqual(values.to("bfloat16").numbers(), [1, 1, 3.203125, -65536]);
  assert.deepEqual(values.to("float16").numbers(), [1, 1 + 2 ** -9, 3.19921875, -65504]);
  assert.deepEqual([...values.to("bfloat16").bytes()], [0x80, 0x3f, 0x80, 0x3f, 0x4d, 0x40, 0x80, 0xc7]);
  assert.deepEqual(Tensor.fromBytes(Uint8Array.of(0x4d, 0x40), [], "bfloat16").item(), 3.203125);
  assert.throws(
    () => values.to("bfloat16").data(),
    /data: expected a dtype with a typed array, got bfloat16; convert with to\("float32"\)/,
  );
});

test("no elements, one element without dimensions", () => {
  for (const shape of [[0], [0, 4], [2, 0, 3]]) {
    const tensor = Tensor.from([], shape);
    assert.deepEqual([tensor.shape, tensor.numel, tensor.numbers(), tensor.sum().item()], [shape, 0, [], 0]);
    assert.deepEqual(cat([tensor, tensor]).numel, 0);
  }
  assert.deepEqual(zeros([0, 4]).add(ones([4])).shape, [0, 4]);
  assert.deepEqual(Tensor.from([7], []).shape, []);
  assert.equal(Tensor.from([7], []).item(), 7);
  assert.deepEqual(ones([0]).nonzero().numbers(), []);
});

const refused: [name: string, body: () => unknown, message: RegExp][] = [
  ["too few values", () => Tensor.from([1, 2, 3], [2, 2]), /tensor: the data has 12 bytes, its shape and dtype need 16/],
  ["too many values", () => Tensor.from([1, 2], []), /the data has 8 bytes, its shape and dtype need 4/],
  ["values for an empty shape", () => Tensor.from([1], [0, 4]), /the data has 4 bytes, its shape and dtype need 0/],
  ["a negative size", () => Tensor.from([1, 2], [-1, -2]), /expected a shape of integers of at least 0/],
  ["a broken size", () => Tensor.from([1], [1.5]), /expected a shape of integers of at least 0/],
  ["a size that is not a number", () => Tensor.from([], [Number.NaN]), /expected a shape of integers of at least 0/],
  ["an enormous size", () => Tensor.from([], [2 ** 52, 2 ** 52]), /tensor: the data has 0 bytes/],
  [
    "another dtype",
    () => Tensor.fromBytes(new Uint8Array(4), [1], "float33" as Dtype),
    /expected a dtype such as float32, got float33/,
  ],
  [
    "bfloat16 from numbers",
    () => Tensor.from([1], [1], { dtype: "bfloat16" }),
    /create it as float32 and convert with to\("bfloat16"\)/,
  ],
  ["a fraction in int64", () => Tensor.from([1.5], [1], { dtype: "int64" }), /expected integers for int64, got 1.5/],
  ["NaN in int64", () => Tensor.from([Number.NaN], [1], { dtype: "int64" }), /expected integers for int64, got NaN/],
  ["a missing device", () => Tensor.from([1], [1], { device: "cuda:99" }), /^Error: tensor: /],
  ["an unknown device", () => Tensor.from([1], [1], { device: "tpu" }), /tensor: .*tpu/],
  ["item of two", () => ones([2]).item(), /item: expected one element, got 2/],
];
for (const [name, body, message] of refused)
  test(`${name} is an error`, () => {
    const before = memory();
    assert.throws(
      () => scope(body),
      (error) => message.test(String(error)),
    );
    assert.deepEqual(memory(), before);
  });

// ---- methods against plain numbers, on tensors that lie in memory in every way

type Rows = number[][];
const rows = (x: Tensor): Rows => {
  const [height, width] = x.shape;
  const values = x.numbers();
  return Array.from({ length: height }, (_, i) => values.slice(i * width, (i + 1) * width));
};
const total = (values: readonly number[]): number => values.reduce((sum, value) => sum + value, 0);
const columns = (x: Rows): Rows => x[0].map((_, j) => x.map((row) => row[j]));
const each = (f: (value: number) => number) => (x: Rows) => x.map((row) => row.map(f));
const both = (f: (a: number, b: number) => number) => (x: Rows, y: Rows) =>
  x.map((row, i) => row.map((value, j) => f(value, y[i][j])));
const descending = (row: readonly number[]): number[] => row.map((_, j) => j).sort((a, b) => row[b] - row[a]);
const half = (value: number): number => 2 * Math.round(value / 2);
const roundEven = (value: number): number => (Math.abs(value % 1) === 0.5 ? half(value) : Math.round(value));
const bool = (value: boolean): number => (value ? 1 : 0);

const methods: [name: string, f: (x: Tensor, y: Tensor) => Tensor, reference: (x: Rows, y: Rows) => number[] | Rows][] = [
  ["add", (x, y) => x.add(y).add(y, 2).add(3).add(1, 4), both((a, b) => a + 3 * b + 7)],
  ["sub", (x, y) => x.sub(y).sub(1), both((a, b) => a - b - 1)],
  ["mul", (x, y) => x.mul(y).mul(0.5), both((a, b) => a * b * 0.5)],
  ["div", (x, y) => x.div(y).div(4), both((a, b) => a / b / 4)],
  ["floorDiv", (x) => x.floorDiv(0.75), each((a) => Math.floor(a / 0.75))],
  ["remainder", (x) => x.remainder(0.75), each((a) => a - 0.75 * Math.floor(a / 0.75))],
  ["pow", (x) => x.pow(2), each((a) => a * a)],
  ["neg", (x) => x.neg(), each((a) => -a)],
  ["abs", (x) => x.abs(), each(Math.abs)],
  ["exp", (x) => x.exp(), each(Math.exp)],
  ["log", (x) => x.abs().log(), each((a) => Math.log(Math.abs(a)))],
  ["log2", (x) => x.abs().log2(), each((a) => Math.log2(Math.abs(a)))],
  ["sqrt", (x) => x.abs().sqrt(), each((a) => Math.sqrt(Math.abs(a)))],
  ["rsqrt", (x) => x.abs().rsqrt(), each((a) => 1 / Math.sqrt(Math.abs(a)))],
  ["floor", (x) => x.floor(), each(Math.floor)],
  ["round", (x) => x.mul(2).round().mul(0.5).mul(3).round(), each((a) => roundEven(roundEven(a * 2) * 1.5))],
  ["sigmoid", (x) => x.sigmoid(), each((a) => 1 / (1 + Math.exp(-a)))],
  ["clamp", (x) => x.clamp(-1, 0.5), each((a) => Math.min(Math.max(a, -1), 0.5))],
  ["clamp below", (x) => x.clamp(0), each((a) => Math.max(a, 0))],
  ["clamp above", (x) => x.clamp(null, 0), each((a) => Math.min(a, 0))],
  ["maximum", (x, y) => x.maximum(y), both(Math.max)],
  ["minimum", (x, y) => x.minimum(y), both(Math.min)],
  ["copy_", (x, y) => x.clone().copy_(y), (_, y) => y],
  [
    "add_, mul_, fill_",
    (x, y) => x.clone().add_(y, 3).mul_(y).add_(1).mul_(2).add_(zerosLike(x).fill_(5)),
    both((a, b) => (a + 3 * b) * b * 2 + 7),
  ],
  ["eq, ne", (x, y) => x.eq(x.maximum(y)).or(x.ne(y)).and(x.eq(0).not()).and(x.ne(0)), both(() => 1)],
  ["lt", (x, y) => x.lt(y).and(x.lt(0.5)), both((a, b) => bool(a < b && a < 0.5))],
  ["le", (x, y) => x.le(y).and(x.le(0.5)), both((a, b) => bool(a <= b && a <= 0.5))],
  ["gt", (x, y) => x.gt(y).or(x.gt(0.5)), both((a, b) => bool(a > b || a > 0.5))],
  ["ge", (x, y) => x.ge(y).or(x.ge(0.5)), both((a, b) => bool(a >= b || a >= 0.5))],
  ["not", (x) => x.gt(0).not(), each((a) => bool(a <= 0))],
  ["isfinite", (x) => x.div(x.gt(0).to("float64")).isfinite(), each((a) => bool(a > 0))],
  ["sum", (x) => x.sum(), (x) => [total(x.flat())]],
  ["sum(0)", (x) => x.sum(0), (x) => columns(x).map(total)],
  ["sum(1, keepdim)", (x) => x.sub(x.sum(1, true)), (x) => x.map((row) => row.map((value) => value - total(row)))],
  ["mean", (x) => x.mean(), (x) => [total(x.flat()) / x.flat().length]],
  ["mean(-1)", (x) => x.mean(-1), (x) => x.map((row) => total(row) / row.length)],
  ["max", (x) => x.max(1)[0], (x) => x.map((row) => Math.max(...row))],
  ["max's place", (x) => x.max(0)[1], (x) => columns(x).map((column) => column.indexOf(Math.max(...column)))],
  ["argmax", (x) => x.argmax(1), (x) => x.map((row) => row.indexOf(Math.max(...row)))],
  ["all, any", (x) => stack([x.gt(-9).all(), x.gt(0).all(), x.gt(0).any(), x.gt(9).any()]), () => [1, 0, 1, 0]],
  ["reshape", (x) => x.reshape(-1, 2), (x) => x.flat()],
  ["flatten", (x) => x.unsqueeze(0).flatten(0, 1), (x) => x],
  ["permute", (x) => x.permute(1, 0), columns],
  ["transpose", (x) => x.transpose(0, 1), columns],
  ["squeeze, unsqueeze, expand", (x) => x.unsqueeze(1).expand(-1, 2, -1).slice(1, 1, 2).squeeze(1), (x) => x],
  ["slice", (x) => x.slice(1, 1, 3), (x) => x.map((row) => row.slice(1, 3))],
  ["slice to beyond the end", (x) => x.slice(0, 2, 99), (x) => x.slice(2)],
  ["select", (x) => x.select(0, -1), (x) => x[x.length - 1]],
  ["flip", (x) => x.flip(0, 1), (x) => x.flat().reverse()],
  ["indexSelect", (x) => x.indexSelect(0, Tensor.from([2n, 0n, 2n], undefined, { device: x.device })), (x) => [x[2], x[0], x[2]]],
  [
    "gather",
    (x) => x.gather(1, Tensor.from([3n, 1n, 0n, 0n], [4, 1], { device: x.device })),
    (x) => [3, 1, 0, 0].map((k, i) => x[i][k]),
  ],
  ["masked", (x) => x.masked(x.select(1, 0).gt(0)), (x) => x.filter((row) => row[0] > 0)],
  ["nonzero", (x) => x.select(1, 0).gt(0).nonzero(), (x) => x.flatMap((row, i) => (row[0] > 0 ? [i] : []))],
  [
    "topk",
    (x) => x.topk(2)[0],
    (x) =>
      x.map((row) =>
        descending(row)
          .slice(0, 2)
          .map((j) => row[j]),
      ),
  ],
  ["topk's places", (x) => x.topk(2, 0)[1].transpose(0, 1), (x) => columns(x).map((column) => descending(column).slice(0, 2))],
  ["sort", (x) => x.sort()[0], (x) => x.map((row) => row.toSorted((a, b) => a - b))],
  [
    "sort is stable",
    (x) => x.floor().sort({ dim: 1, descending: true })[1],
    (x) => x.map((row) => descending(row.map(Math.floor))),
  ],
  ["to", (x) => x.to("float32").to("float64"), each(Math.fround)],
  ["contiguous, clone, detach", (x) => x.contiguous().clone().detach(), (x) => x],
  [
    "softmax",
    (x) => softmax(x, 0),
    (x) => columns(columns(x).map((column) => column.map((value) => Math.exp(value) / total(column.map(Math.exp))))),
  ],
  ["where", (x, y) => where(x.gt(y), x, y), both(Math.max)],
  [
    "cat, stack",
    (x, y) =>
      cat([x, y], 1)
        .reshape(-1)
        .add(stack([x, y], 1).reshape(-1)),
    (x, y) => x.flatMap((row, i) => [...row, ...y[i]].map((value) => 2 * value)),
  ],
  ["pad", (x) => pad(x, [0, 1, 2, 0], 9), (x) => [...[0, 0].map(() => [9, 9, 9, 9, 9]), ...x.map((row) => [...row, 9])]],
];

for (const device of devices()) {
  const layouts: [string, (seed: number) => Tensor][] = [
    ["contiguous", (seed) => random([4, 4], seed).toDevice(device)],
    ["transposed", (seed) => random([4, 4], seed).toDevice(device).transpose(0, 1)],
    ["every second", (seed) => random([8, 8], seed).toDevice(device).reshape(4, 2, 4, 2).select(3, 1).select(1, 0)],
    [
      "channels_last",
      (seed) => random([1, 4, 4, 4], seed).toDevice(device).contiguous("channels_last").select(0, 0).select(0, 2),
    ],
  ];
  test(`methods equal loops over numbers, whatever the strides (${device})`, () => {
    const before = memory();
    for (const [layout, make] of layouts)
      for (const [name, f, reference] of methods)
        scope(() => {
          const [x, y] = [make(1), make(2)];
          try {
            close(f(x, y), reference(rows(x), rows(y)).flat());
          } catch (error) {
            throw new Error(`${name}, ${layout}: ${(error as Error).message}`);
          }
          close(x, make(1)); // inputs are left alone
        });
    assert.deepEqual(memory(), before);
  });
}

test("data of a view is what the view shows, in order", () => {
  const x = arange(24).reshape(1, 2, 3, 4).contiguous("channels_last");
  assert.deepEqual(x.strides, [24, 1, 8, 2]);
  assert.deepEqual(
    x.numbers(),
    Array.from({ length: 24 }, (_, i) => i),
  );
  assert.deepEqual(arange(6).reshape(2, 3).transpose(0, 1).numbers(), [0, 3, 1, 4, 2, 5]);
  assert.deepEqual(ones([1]).expand(3).numbers(), [1, 1, 1]);
});

test("makers: shape, dtype and value", () => {
  const made: [Tensor, string, number[]][] = [
    [zeros([2]), "float32[2]", [0, 0]],
    [ones([1, 2], { dtype: "int64" }), "int64[1, 2]", [1, 1]],
    [full([2], 3), "float32[2]", [3, 3]],
    [full([], 2.7, { dtype: "int32" }), "int32[]", [2]],
    [arange(3), "int64[3]", [0, 1, 2]],
    [arange(2, { dtype: "float32" }), "float32[2]", [0, 1]],
    [zerosLike(ones([2], { dtype: "uint8" })), "uint8[2]", [0, 0]],
  ];
  for (const [tensor, text, values] of made) assert.deepEqual([String(tensor), tensor.numbers()], [`Tensor ${text}`, values]);
  assert.deepEqual(empty([1, 2, 3, 4], { memory_format: "channels_last" }).strides, [24, 1, 8, 2]);
  assert.deepEqual(call("zeros", [[2]], { dtype: undefined }).dtype, "float32");
});
