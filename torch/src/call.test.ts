import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { test } from "node:test";
import { fileURLToPath } from "node:url";
import { backward } from "./autograd.ts";
import { call, callAny, callUnchecked, schemaOf } from "./call.ts";
import { ones, zeros } from "./functional.ts";
import { Generator } from "./generator.ts";
import { native } from "./native.ts";
import { memory, release, scope } from "./scope.ts";
import { Tensor } from "./tensor.ts";
import { close } from "./tensors.fixture.ts";

const x = Tensor.from([1, 2, 3, 4, 5, 6], [2, 3]);
const image = zeros([1, 2, 4, 4]);
const kernel = zeros([3, 2, 3, 3]);
const gone = Tensor.from([1]);
release(gone);
const generator = new Generator(1);
const smallest = Tensor.from([7n, -(2n ** 63n)]);
const minusOne = Tensor.from([-1n]);

test("arguments: positions, keywords, defaults, null for optional ones, one number for a list of two", () => {
  scope(() => {
    close(call("add.Tensor", [x, x]), [2, 4, 6, 8, 10, 12]);
    close(call("add.Tensor", [x, x], { alpha: -1 }), [0, 0, 0, 0, 0, 0]);
    close(call("add.Tensor", [x, x], { alpha: undefined }), call("add.Tensor", [x, x]));
    close(callAny("aten::add.Tensor", [], { self: x, other: x, alpha: 0 }) as Tensor, x);
    close(call("clamp", [x, null, 2]), [1, 2, 2, 2, 2, 2]);
    close(call("clamp", [x, 5]), [5, 5, 5, 5, 5, 6]);
    for (const [stride, shape] of [
      [1, "1,3,2,2"],
      [2, "1,3,1,1"],
      [[2, 1], "1,3,1,2"],
      [[2], "1,3,1,1"],
    ] as const)
      assert.equal(String(call("conv2d", [image, kernel, null, stride]).shape), shape);
    assert.deepEqual(call("mean.dim", [image, [0, 2, 3]]).shape, [2]);
    assert.deepEqual(call("max_pool2d", [image, 2, []]).shape, [1, 2, 2, 2]); // an empty stride is the schema's default
    assert.deepEqual(call("index.Tensor", [x, [null, Tensor.from([2n, 0n])]]).numbers(), [3, 1, 6, 4]);
  });
});

test("numbers: whole ones keep integers integers, others do not; bigint and boolean", () => {
  scope(() => {
    const whole = Tensor.from([5n, -7n]);
    assert.equal(call("mul.Scalar", [whole, 2]).dtype, "int64");
    assert.equal(call("mul.Scalar", [whole, 2.5]).dtype, "float32");
    assert.equal(call("full", [[], 3]).dtype, "int64");
    assert.deepEqual((callAny("full", [[], 2n ** 62n]) as Tensor).data(), BigInt64Array.of(2n ** 62n));
    assert.equal(call("full", [[], true]).dtype, "bool");
    assert.ok(Object.is(call("full", [[], -0]).item(), -0));
    assert.ok(Number.isNaN(call("full", [[], Number.NaN]).item()));
  });
});

test("results: none, one, several, lists, absent tensors, numbers, booleans, dtypes", () => {
  scope(() => {
    assert.equal(callAny("_foreach_add_.Scalar", [[ones([1])], 1]), undefined);
    const [values, indices] = call("max.dim", [x, 1]);
    assert.deepEqual(
      [values.numbers(), indices.numbers()],
      [
        [3, 6],
        [2, 2],
      ],
    );
    assert.deepEqual(
      call("split.Tensor", [x, 2, 1]).map((part) => part.shape),
      [
        [2, 2],
        [2, 1],
      ],
    );
    const gradients = callUnchecked("convolution_backward", [
      ones([1, 3, 2, 2]),
      image,
      kernel,
      null,
      [1, 1],
      [0, 0],
      [1, 1],
      false,
      [0, 0],
      1,
      [false, true, false],
    ]);
    assert.deepEqual(
      (gradients as (Tensor | null)[]).map((gradient) => gradient?.shape ?? null),
      [null, [3, 2, 3, 3], null],
    );
    assert.equal(call("size.int", [x, 1]), 3);
    assert.equal(call("equal", [x, x]), true);
    assert.equal(call("promote_types", ["uint8", "bfloat16"]), "bfloat16");
    assert.equal(call("result_type.Scalar", [x, 1]), "float32");
  });
  assert.equal(schemaOf("relu"), "aten::relu(Tensor self) -> Tensor");
});

const wrong: [name: string, args: unknown[], keywords: object | undefined, message: RegExp][] = [
  ["nonsense", [], undefined, /^aten::nonsense: the linked libtorch has no operator "aten::nonsense"$/],
  ["add.Nonsense", [], undefined, /has no operator "aten::add.Nonsense"/],
  ["relu", [], undefined, /^aten::relu: argument self: expected a tensor, got undefined$/],
  ["relu", [null], undefined, /argument self: expected a tensor, got null/],
  ["relu", [[x]], undefined, /argument self: expected a tensor, got an array/],
  ["relu", [{}], undefined, /argument self: expected a tensor$/],
  ["relu", [0], undefined, /argument self: expected a tensor, got a number \(0\)/],
  ["relu", [generator], undefined, /argument self: expected a tensor, got a generator/],
  ["relu", [gone], undefined, /argument self: expected a live tensor, got one that was released/],
  ["cat", [[x, 0]], undefined, /^aten::cat: argument tensors: expected a tensor/],
  ["cat", [x], undefined, /argument tensors: expected Tensor\[\], got an object/],
  ["cat", [[x, gone]], undefined, /expected a live tensor/],
  ["relu", [x, 1, 2], undefined, /^aten::relu: expected at most 1 arguments, got 3$/],
  ["add.Tensor", [x, gone], undefined, /argument other: expected a live tensor.*; after self float32\[2, 3\]$/],
  ["add.Tensor", [x, x], { beta: 1 }, /has no argument named beta/],
  ["add.Tensor", [x, x], { other: x }, /argument other was given twice/],
  ["add.Tensor", [x, x], { alpha: "2" }, /argument alpha: expected Scalar, got a string \(2\)/],
  [
    "conv2d",
    [image, kernel, null, "two"],
    undefined,
    /argument stride: expected int\[2\], got a string \(two\); after input float32\[1, 2, 4, 4\], weight float32\[3, 2, 3, 3\]/,
  ],
  ["conv2d", [image, kernel, null, [1, 1, 1]], undefined, /argument stride: expected int\[2\], got an array of 3/],
  ["reflection_pad2d", [image, []], undefined, /argument padding: expected int\[4\], got an array of 0/],
  ["upsample_bilinear2d", [image, [2, 2], false, 1e-5], undefined, /argument scales_h: expected null: the sizes say it/],
  [
    "embedding_bag",
    [x, Tensor.from([0n]), Tensor.from([0n]), false, 3],
    undefined,
    /argument mode: expected 0 \(sum\), 1 \(mean\) or 2 \(max\), got 3/,
  ],
  [
    "embedding_bag",
    [x, zeros([2, 3], { dtype: "int64" }), Tensor.from([0n])],
    undefined,
    /argument indices: expected one dimension, got int64\[2, 3\]/,
  ],
  [
    "embedding_bag",
    [x, Tensor.from([0n]), Tensor.from([0n, 9n]), false, 0, false, null, true],
    undefined,
    /argument include_last_offset: expected false/,
  ],
  [
    "replication_pad1d.out",
    [x, 1],
    { out: ones([1]).expand(2, 5) },
    /argument out: cannot be written to.*; after self float32\[2, 3\]/,
  ],
  ["set_.source_Tensor", [ones([1]), x], undefined, /callUnchecked/],
  ["set.source_Tensor", [ones([1]), x], undefined, /callUnchecked/],
  [
    "remainder.Tensor",
    [smallest, minusOne],
    undefined,
    /^aten::remainder: cannot divide the smallest int64 by -1; called with self int64\[2\]/,
  ],
  ["fmod.Scalar", [smallest, -1], undefined, /cannot divide the smallest int64 by -1/],
  ["floor_divide", [smallest, minusOne], undefined, /cannot divide/],
  ["div_.Scalar_mode", [smallest, -1], { rounding_mode: "trunc" }, /cannot divide/],
  ["divide.Tensor_mode", [smallest, minusOne], { rounding_mode: "floor" }, /cannot divide/],
  ["remainder.Scalar_Tensor", [-(2n ** 63n), minusOne], undefined, /cannot divide/],
  ["fmod.Scalar", [Tensor.from([-(2 ** 31)], [1], { dtype: "int32" }), -1], undefined, /cannot divide the smallest int32 by -1/],
  ["lcm", [smallest, Tensor.from([5n])], undefined, /cannot be had of the smallest int64/],
  ["matrix_power", [ones([2, 2]), -(2n ** 63n)], undefined, /argument n: expected more than the smallest int64/],
  ["pixel_shuffle", [image, 2 ** 53], undefined, /expected upscale_factor of at most 1048576/],
  ["special_hermite_polynomial_h.n_scalar", [x, 2 ** 40], undefined, /expected a degree n of at most 10000/],
  ["bincount", [Tensor.from([1n, 2n ** 63n - 1n])], undefined, /expected less than the largest int64/],
  ["binomial", [ones([2]).fill_(Number.POSITIVE_INFINITY), ones([2])], undefined, /expected finite counts/],
  ["linalg_eigvals", [ones([5, 5]).fill_(Number.NaN)], undefined, /expected finite numbers/],
  ["to_sparse", [x], undefined, /the result is of another layout than strided/],
  ["empty.memory_format", [[2]], { device: "meta" }, /the result is on the device meta/],
  ["softmax.int", [x, 1.5], undefined, /argument dim: expected int, got a number \(1.5\)/],
  ["softmax.int", [x, "float32"], undefined, /argument dim: expected int, got a string \(float32\)/],
  ["softmax.int", [x, 2n ** 63n], undefined, /argument dim: expected int, got a bigint/],
  ["softmax.int", [x, 5], undefined, /Dimension out of range.*; called with self float32\[2, 3\], dim 5/],
  ["softmax.int", [x, 0, "float33"], undefined, /argument dtype: expected a dtype such as float32, got float33/],
  ["softmax.int", [x, 0, 6], undefined, /argument dtype: expected a dtype such as float32/],
  ["zeros", [[2]], { dtype: "channels_last" }, /argument dtype: expected a dtype such as float32, got channels_last/],
  ["zeros", [[2]], { device: "tpu" }, /argument device: .*tpu/],
  ["zeros", [[2]], { device: 1 }, /argument device: expected a device such as "cpu", got a number \(1\)/],
  ["zeros", [[-1]], undefined, /negative.*; called with size \[-1\]/],
  ["zeros", [[2 ** 50, 2 ** 50]], undefined, /^aten::zeros: /],
  [
    "clone",
    [x],
    { memory_format: "float32" },
    /argument memory_format: expected contiguous_format, preserve_format or channels_last, got a string \(float32\)/,
  ],
  ["randn.generator", [[2]], { generator: x }, /argument generator: expected a generator/],
  [
    "mm",
    [x, x],
    undefined,
    /^aten::mm: mat1 and mat2 shapes cannot be multiplied.*; called with self float32\[2, 3\], mat2 float32\[2, 3\]$/,
  ],
  ["add.Tensor", [x, zeros([4])], undefined, /size of tensor a \(3\) must match.*other float32\[4\]/],
  ["static_runtime::VarTupleUnpack", [], undefined, /static_runtime::VarTupleUnpack: /],
  ["_fft_r2c", [x, [7], 0, true], undefined, /^_fft_r2c: .*callUnchecked/],
];

for (const [name, args, keywords, message] of wrong)
  test(`a wrong call of ${name} is an error: ${message.source.slice(0, 60)}`, () => {
    const before = memory();
    assert.throws(
      () => callAny(name, args, keywords),
      (error) => error instanceof Error && message.test(error.message) && !error.message.includes("\n"),
    );
    assert.deepEqual(memory(), before);
  });

test("integer division that the processor can do is done; a median along an expanded dimension is that of its values", () => {
  scope(() => {
    close(call("remainder.Scalar", [Tensor.from([-7n, 7n]), -1]), [0, 0]);
    close(call("div.Tensor_mode", [Tensor.from([-7n, 7n]), minusOne], { rounding_mode: "floor" }), [7, -7]);
    close(call("remainder.Scalar", [smallest, 3]), [1, 1]);
    assert.deepEqual((callAny("div.Scalar", [smallest, -1]) as Tensor).dtype, "float32");
    close(call("lcm", [Tensor.from([4n, -6n]), Tensor.from([6n])]), [12, 6]);
    close(call("median.dim", [Tensor.from([1, 2, 3]).expand(4, 3), 0])[0], [1, 2, 3]);
    const y = Tensor.from([1, 2, 3]);
    y.requiresGrad = true;
    backward(call("median.dim", [y.expand(4, 3), 0])[0].sum());
    close(y.grad as Tensor, [1, 1, 1]);
  });
});

test("a getter that throws among the arguments is an error as well", () => {
  const trap = {
    get handle(): number {
      throw new TypeError("from the getter");
    },
  };
  assert.throws(() => callAny("relu", [trap]), /argument self: from the getter/);
});

test("every operator's name and overload is found", () => {
  for (const schema of native().schemas()) {
    if (!schema.includes("...")) assert.equal(schemaOf(schema.slice(0, schema.indexOf("("))), schema);
  }
});

test("the generated types are those of the linked libtorch", () => {
  const script = fileURLToPath(new URL("../scripts/generate-operators.mjs", import.meta.url));
  const { status, stdout, stderr } = spawnSync(process.execPath, [script, "--check"], { encoding: "utf8" });
  assert.equal(status, 0, stdout + stderr);
});
