import assert from "node:assert/strict";
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, test } from "node:test";
import fc from "fast-check";
import { ITEM_SIZE, type RawTensor } from "./raw-tensor.ts";
import { parseSafetensors, readSafetensors, writeSafetensors } from "./safetensors.ts";
import { WeightFileError } from "./weight-file-error.ts";

const folder = mkdtempSync(join(tmpdir(), "safetensors-"));
after(() => rmSync(folder, { recursive: true }));
const path = join(folder, "model.safetensors");

const DTYPES = Object.keys(ITEM_SIZE) as RawTensor["dtype"][];
const name = fc.string({ unit: "binary", maxLength: 12 });
const rawTensor = fc
  .record({ dtype: fc.constantFrom(...DTYPES), shape: fc.array(fc.nat(4), { maxLength: 4 }) })
  .chain(({ dtype, shape }) => {
    const length = shape.reduce((product, size) => product * size, ITEM_SIZE[dtype]);
    return fc.uint8Array({ minLength: length, maxLength: length }).map((data): RawTensor => ({ dtype, shape, data }));
  });
const tensorPairs = fc.uniqueArray(fc.tuple(name, rawTensor), { selector: ([key]) => key, maxLength: 6 });
const plain = (tensors: Iterable<readonly [string, RawTensor]>) =>
  new Map(Array.from(tensors, ([key, { dtype, shape, data }]) => [key, { dtype, shape, data: [...data] }]));

test("what is written can be read back", () => {
  fc.assert(
    fc.property(tensorPairs, fc.dictionary(name, fc.string({ unit: "binary" })), (tensors, texts) => {
      const metadata = Object.fromEntries(Object.entries(texts));
      writeSafetensors(path, tensors, metadata);
      const read = readSafetensors(path);
      assert.deepEqual(plain(read.tensors), plain(tensors));
      assert.deepEqual(read.metadata, metadata);
    }),
    { numRuns: 60 },
  );
  assert.deepEqual(readdirSync(folder), ["model.safetensors"]);
});

test("the order of content changes no byte, and every tensor is aligned in the file", () => {
  fc.assert(
    fc.property(tensorPairs, (tensors) => {
      writeSafetensors(path, new Map(tensors), { b: "1", a: "2" });
      const bytes = readFileSync(path);
      writeSafetensors(path, tensors.toReversed(), { a: "2", b: "1" });
      assert.deepEqual(readFileSync(path), bytes);
      for (const { dtype, data } of parseSafetensors(path, bytes).tensors.values()) {
        if (data.length > 0) assert.equal((data.byteOffset - bytes.byteOffset) % ITEM_SIZE[dtype], 0);
      }
    }),
    { numRuns: 40 },
  );
});

// The file that the reference implementation (safetensors 0.8.0 for Python) writes of the same content.
const REFERENCE = Buffer.from(
  `CAEAAAAAAAB7Il9fbWV0YWRhdGFfXyI6eyJ3aG8iOiLDvCJ9LCJuIjp7ImR0eXBlIjoiSTY0Iiwic2hhcGUiOltdLCJkYXRhX29mZnNldHMiOlswLDhdfSwi
   Yi53ZWlnaHQiOnsiZHR5cGUiOiJGMzIiLCJzaGFwZSI6WzIsMl0sImRhdGFfb2Zmc2V0cyI6WzgsMjRdfSwiaCI6eyJkdHlwZSI6IkYxNiIsInNoYXBlIjpb
   MCwzXSwiZGF0YV9vZmZzZXRzIjpbMjQsMjRdfSwiYSI6eyJkdHlwZSI6IkJPT0wiLCJzaGFwZSI6WzNdLCJkYXRhX29mZnNldHMiOlsyNCwyN119fSAgICAg
   ICD5/////////wAAgD8AAABAAABAQAAAgEABAAE=`,
  "base64",
);

test("reads and writes the bytes of the reference implementation", () => {
  const { tensors, metadata } = parseSafetensors(path, REFERENCE);
  assert.deepEqual(metadata, { who: "ü" });
  assert.deepEqual(
    plain(tensors),
    plain([
      ["n", { dtype: "int64", shape: [], data: Buffer.from(BigInt64Array.of(-7n).buffer) }],
      ["b.weight", { dtype: "float32", shape: [2, 2], data: Buffer.from(Float32Array.of(1, 2, 3, 4).buffer) }],
      ["h", { dtype: "float16", shape: [0, 3], data: Buffer.alloc(0) }],
      ["a", { dtype: "bool", shape: [3], data: Buffer.of(1, 0, 1) }],
    ]),
  );
  writeSafetensors(path, tensors, metadata);
  assert.deepEqual(readFileSync(path), REFERENCE);
});

const file = (header: string | Buffer, data: number, length?: bigint) => {
  const bytes = Buffer.alloc(8);
  bytes.writeBigUInt64LE(length ?? BigInt(Buffer.byteLength(header)));
  return Buffer.concat([bytes, Buffer.from(header as string), Buffer.alloc(data)]);
};
const entry = (begin: number | string, end: number | string, { dtype = '"F32"', shape = "[6]" } = {}) =>
  `{"dtype":${dtype},"shape":${shape},"data_offsets":[${begin},${end}]}`;

const faults: [string, Buffer, RegExp][] = [
  ["a file shorter than its length field", Buffer.alloc(5), /is cut off: 5 bytes/],
  ["a header over 100 MB", file("{}", 0, 100_000_001n), /header of 100000001 bytes; safetensors allows 100000000/],
  ["a header of 2^64 − 1 bytes", file("{}", 0, 2n ** 64n - 1n), /header of 18446744073709551615 bytes/],
  ["a header longer than the file", file("{}", 0, 3n), /is cut off or damaged: the header needs 3 bytes, 2 are left/],
  ["an empty header", file("", 0), /does not begin with {/],
  ["a list for a header", file("[]", 0), /does not begin with {/],
  ["space before the header", file(" {}", 0), /does not begin with {/],
  ["a header that is not UTF-8", file(Buffer.from('{"\xff":1}', "latin1"), 0), /the header is not UTF-8/],
  ["broken JSON", file('{"a":', 0), /the header is not valid JSON: expected a value at character 5/],
  ["something after the JSON", file("{} \0", 0), /not valid JSON: expected the end/],
  ["a name twice", file(`{"a":${entry(0, 24)},"a":${entry(0, 24)}}`, 24), /the key "a" a second time/],
  ["a name twice, written differently", file(`{"a":${entry(0, 24)},"\\u0061":${entry(0, 24)}}`, 24), /the key "a" a second time/],
  [
    "a field twice",
    file(`{"a":{"dtype":"F32","dtype":"F32","shape":[6],"data_offsets":[0,24]}}`, 24),
    /the key "dtype" a second time/,
  ],
  ["deep nesting", file(`{"a":${"[".repeat(50_000)}`, 0), /nested deeper/],
  ["metadata that are a list", file('{"__metadata__":["a"]}', 0), /__metadata__: expected an object of texts/],
  ["metadata with a number", file('{"__metadata__":{"step":1}}', 0), /__metadata__: expected text for "step"/],
  ["a tensor that is a number", file('{"a":1}', 0), /tensor "a": expected an object/],
  [
    "an unknown dtype",
    file(`{"a":${entry(0, 24, { dtype: '"F31"' })}}`, 24),
    /tensor "a": the dtype "F31" cannot be read; expected one of/,
  ],
  ["a dtype of another language", file(`{"a":${entry(0, 24, { dtype: '"U16"' })}}`, 24), /the dtype "U16" cannot be read/],
  ["a missing dtype", file('{"a":{"shape":[6],"data_offsets":[0,24]}}', 24), /the dtype is missing/],
  ["a missing shape", file('{"a":{"dtype":"F32","data_offsets":[0,24]}}', 24), /the shape is missing/],
  ["a negative size", file(`{"a":${entry(0, 24, { shape: "[-6]" })}}`, 24), /the shape is missing or not a list/],
  ["a broken size", file(`{"a":${entry(0, 24, { shape: "[6.0]" })}}`, 24), /the shape is missing or not a list/],
  [
    "a size beyond 2^53",
    file(`{"a":${entry(0, 24, { shape: "[9007199254740993]" })}}`, 24),
    /the shape is missing or not a list/,
  ],
  ["too many dimensions", file(`{"a":${entry(0, 4, { shape: `[${"1,".repeat(64)}1]` })}}`, 4), /not a list of up to 64/],
  [
    "a product that overflows",
    file(`{"a":${entry(0, 24, { shape: "[4294967296,4294967296]" })}}`, 24),
    /is larger than any file/,
  ],
  ["missing offsets", file('{"a":{"dtype":"F32","shape":[6]}}', 24), /data_offsets are missing/],
  ["three offsets", file('{"a":{"dtype":"F32","shape":[6],"data_offsets":[0,8,24]}}', 24), /data_offsets are missing or not two/],
  ["offsets as texts", file(`{"a":${entry('"0"', '"24"')}}`, 24), /data_offsets are missing or not two whole numbers/],
  ["a negative offset", file(`{"a":${entry(-24, 0)}}`, 24), /data_offsets are missing or not two whole numbers/],
  ["an end before its beginning", file(`{"a":${entry(24, 0)}}`, 24), /data_offsets \[24, 0\] end before they begin/],
  [
    "a shape that does not fill its bytes",
    file(`{"a":${entry(0, 20)}}`, 20),
    /F32 of shape \[6\] has 24 bytes, data_offsets \[0, 20\] give 20/,
  ],
  [
    "a tensor beyond the end",
    file(`{"a":${entry(0, 24)}}`, 23),
    /is cut off: tensor "a" ends at byte 24 of the data, the file has 23/,
  ],
  [
    "an overlap",
    file(`{"a":${entry(0, 24)},"b":${entry(20, 44)}}`, 44),
    /tensor "b" begins at byte 20 of the data, inside tensor "a"/,
  ],
  [
    "the same bytes twice",
    file(`{"a":${entry(0, 24)},"b":${entry(0, 24)}}`, 24),
    /tensor "b" begins at byte 0 of the data, inside/,
  ],
  [
    "a hole",
    file(`{"a":${entry(0, 24)},"b":${entry(28, 52)}}`, 52),
    /bytes 24 to 28 of the data belong to no tensor \(before "b"\)/,
  ],
  ["a hole at the beginning", file(`{"a":${entry(4, 28)}}`, 28), /bytes 0 to 4 of the data belong to no tensor/],
  ["bytes behind the last tensor", file(`{"a":${entry(0, 24)}}`, 25), /the last 1 bytes belong to no tensor/],
  ["data without a tensor", file("{}", 3), /the last 3 bytes belong to no tensor/],
];
for (const [what, bytes, message] of faults) {
  test(`refuses ${what}`, () => {
    assert.throws(() => parseSafetensors("model.safetensors", bytes), { name: "WeightFileError", message });
    assert.throws(() => parseSafetensors("model.safetensors", bytes), { message: /^model\.safetensors: [^\n]+$/ });
  });
}

test("accepts what the format allows: no tensors, spaces after the header, empty tensors between others", () => {
  assert.equal(parseSafetensors(path, file("{}   ", 0)).tensors.size, 0);
  const bytes = file(`{"a":${entry(0, 24)},"z":${entry(24, 24, { shape: "[0]" })},"b":${entry(24, 48)}}`, 48);
  assert.deepEqual([...parseSafetensors(path, bytes).tensors.keys()], ["a", "z", "b"]);
});

test("a file cut off anywhere is refused; one flipped bit gives a result or a refusal", () => {
  for (let length = 0; length < REFERENCE.length; length++) {
    assert.throws(() => parseSafetensors(path, REFERENCE.subarray(0, length)), WeightFileError);
  }
  for (let bit = 0; bit < REFERENCE.length * 8; bit++) {
    const damaged = Buffer.from(REFERENCE);
    damaged[bit >> 3] ^= 1 << (bit & 7);
    try {
      const { tensors } = parseSafetensors(path, damaged);
      assert.ok(tensors.size <= 4);
    } catch (error) {
      assert.ok(error instanceof WeightFileError, String(error));
    }
  }
});

const one: RawTensor = { dtype: "uint8", shape: [2], data: Buffer.of(1, 2) };

test("refuses to write what cannot be read", () => {
  const write = (tensors: [string, RawTensor][], metadata?: Record<string, string>) => () =>
    writeSafetensors(join(folder, "never"), tensors, metadata);
  assert.throws(
    write([
      ["a", one],
      ["a", one],
    ]),
    { name: "RangeError", message: /the name "a" is taken/ },
  );
  assert.throws(write([["__metadata__", one]]), { name: "RangeError", message: /the name "__metadata__" is taken/ });
  assert.throws(write([["a", { ...one, shape: [3] }]]), {
    name: "RangeError",
    message: /tensor "a": uint8\[3\] expects 3 bytes, got 2/,
  });
  assert.throws(write([["a", { ...one, shape: [-2] }]]), RangeError);
  assert.throws(write([["a\ud800", one]]), { name: "RangeError", message: /half a surrogate pair/ });
  assert.throws(write([], { "\udc00": "x" }), { name: "RangeError", message: /half a surrogate pair/ });
  assert.ok(!existsSync(join(folder, "never")));
});

test("a file that cannot be written throws and leaves nothing behind", () => {
  assert.throws(() => writeSafetensors(join(folder, "absent", "m.safetensors"), []), {
    name: "WeightFileError",
    message: /m\.safetensors: cannot be written: no such file or directory$/,
  });
  const here = mkdtempSync(join(folder, "here-"));
  const taken = mkdtempSync(join(here, "a-folder-"));
  writeFileSync(join(taken, "x"), "");
  assert.throws(() => writeSafetensors(taken, [["a", one]]), { name: "WeightFileError", message: /cannot be written: / });
  assert.equal(readdirSync(here).length, 1);
});
