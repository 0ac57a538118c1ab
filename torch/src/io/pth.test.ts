import assert from "node:assert/strict";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, test } from "node:test";
import fc from "fast-check";
import * as p from "./pickle-assembler.ts";
import { OPCODE } from "./pickle-opcodes.ts";
import { parsePth, readPth } from "./pth.ts";
import * as fixtures from "./pth-fixtures.ts";
import type { RawTensor } from "./raw-tensor.ts";
import { WeightFileError } from "./weight-file-error.ts";
import { pthFile, zipFile } from "./zip-assembler.ts";

const { text, int, tuple, list, dict, global, reduce, none, pickle, tensor, orderedDict, floats, legacyFile } = p;
const six = floats(0, 1, 2, 3, 4, 5);
const parse = (bytes: Buffer) => parsePth("model.pth", bytes);
const numbers = ({ data }: RawTensor) => Array.from(new Float32Array(Uint8Array.from(data).buffer));
const refuses = (bytes: Buffer, message: RegExp) => assert.throws(() => parse(bytes), { name: "WeightFileError", message });

const ELEMENTS: Record<string, string> = {
  float64: "000000000000f0bf0000000000000000000000000000f03f",
  float16: "00bc0000003c",
  bfloat16: "80bf0000803f",
  int64: "ffffffffffffffff00000000000000000100000000000000",
  int32: "ffffffff0000000001000000",
  int16: "ffff00000100",
  int8: "ff0001",
  uint8: "ff0001",
  bool: "010001",
};

const { stateDict, stateDictProtocol4, legacyStateDict } = fixtures;

for (const [form, file] of Object.entries({ stateDict, stateDictProtocol4, legacyStateDict })) {
  test(`reads PyTorch's ${form}: dtypes, views, shared storages, a parameter, _metadata`, () => {
    const tensors = parse(file);
    const views = ["whole", "window", "columns", "every_third", "scalar", "empty", "parameter"];
    assert.deepEqual([...tensors.keys()], [...Object.keys(ELEMENTS), ...views]);
    const get = (name: string) => tensors.get(name) as RawTensor;
    for (const [dtype, bytes] of Object.entries(ELEMENTS)) {
      assert.equal(get(dtype).dtype, dtype);
      assert.deepEqual(get(dtype).shape, [3]);
      assert.equal(Buffer.from(get(dtype).data).toString("hex"), bytes);
    }
    const whole = Array.from({ length: 12 }, (_, i) => i);
    assert.deepEqual(numbers(get("whole")), whole);
    assert.deepEqual(numbers(get("window")), [3, 4, 5, 6]);
    assert.deepEqual(get("columns").shape, [4, 3]);
    assert.deepEqual(numbers(get("columns")), [0, 4, 8, 1, 5, 9, 2, 6, 10, 3, 7, 11]);
    assert.deepEqual(numbers(get("every_third")), [1, 4, 7, 10]);
    assert.equal(Buffer.from(get("scalar").data).readBigInt64LE(), 7n);
    assert.deepEqual([get("scalar").shape, get("empty").shape, get("empty").data.length], [[], [0, 5], 0]);
    assert.deepEqual(numbers(get("parameter")), [1, 1]);
  });
}

test("reads the state dict from PyTorch's checkpoint, even with a tensor beside it", () => {
  const tensors = parse(fixtures.checkpoint);
  assert.deepEqual([...tensors.keys()], ["weight", "bias"]);
  assert.deepEqual(tensors.get("weight")?.shape, [1, 2]);
  assert.ok(Math.abs(numbers(tensors.get("bias") as RawTensor)[0] + 0.682) < 1e-4);
});

test("reads from disk", () => {
  const folder = mkdtempSync(join(tmpdir(), "pth-"));
  after(() => rmSync(folder, { recursive: true }));
  const path = join(folder, "checkpoint.pth");
  writeFileSync(path, fixtures.checkpoint);
  assert.equal(readPth(path).size, 2);
  assert.throws(() => readPth(join(folder, "absent.pth")), {
    name: "WeightFileError",
    message: /absent\.pth: cannot be read: no such file/,
  });
});

test("strided views give the elements found by index arithmetic", () => {
  const dimension = fc.record({ size: fc.nat(4), stride: fc.nat(9) });
  fc.assert(
    fc.property(fc.array(dimension, { maxLength: 4 }), fc.nat(5), fc.nat(3), (dimensions, offset, spare) => {
      const shape = dimensions.map(({ size }) => size);
      const strides = dimensions.map(({ stride }) => stride);
      let places = [offset];
      for (const { size, stride } of dimensions)
        places = places.flatMap((place) => Array.from({ length: size }, (_, i) => place + i * stride));
      const numel = Math.max(0, ...places.map((place) => place + 1)) + spare;
      const values = Float32Array.from({ length: numel }, (_, i) => i);
      const bytes = pickle(dict(text("w"), tensor({ numel, offset, shape, strides })));
      const read = parse(pthFile(bytes, { 0: floats(...values) })).get("w") as RawTensor;
      assert.deepEqual(read.shape, shape);
      assert.deepEqual(numbers(read), places);
    }),
    { numRuns: 300 },
  );
});

test("a contiguous tensor is a view of the file's bytes, not a copy", () => {
  const outer = tensor({ shape: [1, 6], strides: [99, 1] }); // the stride of a single element says nothing
  const file = pthFile(pickle(dict(text("w"), tensor(), text("outer"), outer)), { 0: six });
  for (const { data } of parse(file).values()) assert.equal(data.buffer, file.buffer);
});

const one = (...beside: Buffer[]) => dict(text("w"), tensor(), ...beside);
const names = (bytes: Buffer) => [...parse(pthFile(bytes, { 0: six })).keys()];

test("finds the state dict", () => {
  assert.deepEqual(names(pickle(one(text("epoch"), int(3), int(4), tensor()))), ["w"], "what is no named tensor is left out");
  for (const key of ["model", "state_dict", "model_state_dict"]) {
    assert.deepEqual(names(pickle(dict(text(key), one(), text("optimizer"), dict(text("x"), list())))), ["w"]);
  }
  assert.deepEqual(names(pickle(dict(text("model"), tensor()))), ["model"], "a tensor of that name is a tensor");
  refuses(
    pthFile(pickle(dict(text("model"), one(), text("state_dict"), one()))),
    /holds several state dicts \(keys: "model", "state_dict"\)/,
  );
  refuses(
    pthFile(pickle(dict(text("net"), one(), int(1), none))),
    /holds no tensors \(keys: "net", int\); save only the one you want/,
  );
  refuses(pthFile(pickle(orderedDict())), /holds no tensors \(keys: none\)/);
  refuses(pthFile(pickle(list(tensor()))), /holds a list; expected a state dict/);
  refuses(pthFile(pickle(tensor()), { 0: six }), /holds a tensor; expected a state dict/);
});

test("reads what Python 2 and PyTorch's older versions wrote", () => {
  const name = p.op(OPCODE.SHORT_BINSTRING, 1, "w");
  const oldTensor = reduce(global("torch._utils", "_rebuild_tensor"), p.storage(), int(1), tuple(int(2)), tuple(int(2)));
  const pairs = reduce(global("collections", "OrderedDict"), list(list(name, oldTensor)));
  assert.deepEqual(numbers(parse(legacyFile(pickle(pairs), [["0", 6, six]])).get("w") as RawTensor), [1, 3]);
  const size = reduce(global("torch", "Size"), tuple(int(2), int(3)));
  const parameter = reduce(global("torch._utils", "_rebuild_parameter"), tensor(), p.yes, orderedDict());
  assert.equal(names(pickle(one(text("size"), size, text("p"), parameter))).length, 2);
});

test("a legacy file's storage view begins where it says", () => {
  const view = tuple(text("1"), int(2), int(4));
  const file = (shape: number[]) => legacyFile(pickle(dict(text("w"), tensor({ view, shape, strides: [1] }))), [["0", 6, six]]);
  assert.deepEqual(numbers(parse(file([4])).get("w") as RawTensor), [2, 3, 4, 5]);
  refuses(file([5]), /tensor "w": offset 0, shape \[5\] and strides \[1\] reach outside its storage of 4 elements/);
});

test("references that would expand to 2^60 values cost nothing", () => {
  const levels = Array.from({ length: 60 }, (_, i) => [
    p.op(OPCODE.BINPUT, i),
    list(p.op(OPCODE.BINGET, i), p.op(OPCODE.BINGET, i)),
  ]);
  const bomb = Buffer.concat([list(), ...levels.flatMap(([put, pair]) => [put, pair, p.op(OPCODE.TUPLE2)])]);
  assert.deepEqual(names(pickle(one(text("bomb"), bomb))), ["w"]);
});

test("reads archives with zip64 fields, with a comment, without checksums", () => {
  const bytes = pickle(one());
  for (const options of [
    { zip64: true },
    { comment: "written by hand" },
    { checksum: 0 },
    { zip64: true, comment: `PK\u0005\u0006${"x".repeat(40)}` },
  ]) {
    assert.deepEqual(numbers(parse(pthFile(bytes, { 0: six }, options)).get("w") as RawTensor), [0, 1, 2, 3, 4, 5]);
  }
});

const good = pickle(one());
const legacy = legacyFile(good, [["0", 6, six]]);
const spoiled = (bytes: Buffer, at: number, ...values: number[]) =>
  Buffer.concat([bytes.subarray(0, at), Buffer.from(values), bytes.subarray(at + values.length)]);
const archive = pthFile(good, { 0: six });
const pkl: [string, Buffer] = ["a/data.pkl", good];

const faults: [string, Buffer, RegExp][] = [
  [
    "a compressed archive",
    pthFile(good, { 0: six }, { method: 8 }),
    /refused: "archive\/data\.pkl" in the archive is compressed/,
  ],
  ["an encrypted archive", pthFile(good, { 0: six }, { flags: 1 }), /is encrypted/],
  ["a wrong checksum", pthFile(good, { 0: six }, { checksum: 1 }), /the checksum of "archive\/.*" in the archive is wrong/],
  [
    "a damaged weight",
    spoiled(archive, archive.indexOf(six) + 5, 9),
    /the checksum of "archive\/data\/0" in the archive is wrong/,
  ],
  ["entries that are elsewhere", pthFile(good, { 0: six }, { shift: 1 }), /is not where the directory says/],
  ["entries beyond the end", pthFile(good, { 0: six }, { shift: 1e6 }), /is not where the directory says/],
  ["zip64 entries beyond the end", pthFile(good, { 0: six }, { shift: 2 ** 52, zip64: true }), /is not where the directory says/],
  ["an archive cut off", archive.subarray(0, -1), /is cut off: the archive has no end/],
  ["a broken directory", spoiled(archive, archive.indexOf("PK\x01\x02"), 0), /the archive's directory is broken/],
  ["a directory beyond the end", spoiled(archive, archive.length - 6, 255, 255, 255, 127), /directory lies outside it/],
  [
    "two names for one entry",
    spoiled(archive, archive.indexOf("archive/version"), 0x62),
    /"archive\/version" in the archive has another name/,
  ],
  ["an entry twice", zipFile([pkl, pkl]), /holds "a\/data\.pkl" twice/],
  ["two models", zipFile([pkl, ["b/data.pkl", good]]), /is a zip archive with 2 data\.pkl/],
  ["another zip archive", zipFile([["word/document.xml", six]]), /is a zip archive with no data\.pkl, so not from torch\.save/],
  ["a TorchScript program", zipFile([pkl, ["a/constants.pkl", good]]), /is a TorchScript program, not a state dict/],
  ["a big-endian file", zipFile([pkl, ["a/byteorder", Buffer.from("big")]]), /written on a big-endian machine/],
  ["a missing storage", pthFile(good), /storage "0" is missing/],
  [
    "a storage that is too short",
    pthFile(good, { 0: six.subarray(4) }),
    /storage "0" should be float32\[6\], 24 bytes; the file has 20 bytes/,
  ],
  ["a storage that is too long", pthFile(good, { 0: Buffer.concat([six, six]) }), /the file has 48 bytes/],
  ["a pickle of something else", pickle(int(1)), /is a pickle, but not from torch\.save/],
  [
    "a legacy file of another version",
    spoiled(legacy, legacy.indexOf(int(1001)) + 1, 0),
    /has an unsupported version of torch\.save/,
  ],
  ["a legacy file without its storages", legacyFile(good), /storage "0" is missing/],
  ["a legacy file with a strange storage", legacyFile(good, [["1", 6, six]]), /lists a storage that no tensor uses/],
  [
    "a legacy storage of another size",
    legacyFile(good, [["0", 5, six]]),
    /should be float32\[6\], 24 bytes; the file has 5 elements/,
  ],
  ["a legacy file cut off", legacy.subarray(0, -1), /storage "0" needs 24 bytes, 23 are left/],
];
for (const [what, bytes, message] of faults) {
  test(`refuses ${what}`, () => {
    refuses(bytes, message);
    refuses(bytes, /^model\.pth: [^\n]+$/);
  });
}

for (const [form, whole] of Object.entries({ stateDict, legacyStateDict })) {
  test(`${form} cut off anywhere is refused; one flipped bit gives a result or a refusal`, () => {
    for (let length = 0; length < whole.length; length++) refuses(whole.subarray(0, length), /^model\.pth: /);
    for (let at = 0; at < whole.length; at++) {
      const damaged = Buffer.from(whole);
      damaged[at] ^= 1 << (at % 8);
      try {
        assert.ok(parse(damaged).size <= 16);
      } catch (error) {
        assert.ok(error instanceof WeightFileError, String(error));
      }
    }
  });
}

test("any bytes instead of a pickle give a result or a refusal", () => {
  const opcode = fc.constantFrom(...Object.values(OPCODE)).map((code) => Buffer.of(code));
  const piece = fc.oneof(
    opcode,
    fc.constantFrom(none, int(0), text("w"), p.storage(), tensor(), orderedDict(), good),
    fc.uint8Array({ maxLength: 6 }),
  );
  fc.assert(
    fc.property(fc.array(piece, { maxLength: 20 }), (pieces) => {
      try {
        parse(pthFile(pickle(...pieces.map((bytes) => Buffer.from(bytes))), { 0: six }));
      } catch (error) {
        assert.ok(error instanceof WeightFileError, String(error));
      }
    }),
    { numRuns: 1000 },
  );
});
