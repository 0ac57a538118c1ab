// Invalid safetensors files, each with the message that refuses it.

const DATA = Buffer.alloc(29, 1);
export const HEADER = {
  __metadata__: { format: "pt", note: "ü" },
  "layer.weight": { dtype: "F32", shape: [2, 3], data_offsets: [0, 24] },
  "layer.bias": { dtype: "F16", shape: [2], data_offsets: [24, 28] },
  none: { dtype: "I64", shape: [0, 5], data_offsets: [28, 28] },
  scalar: { dtype: "BOOL", shape: [], data_offsets: [28, 29] },
};

/** A file made of a header (an object, text or bytes) and data, by default 29 bytes. */
export function safetensorsFile(header, { length, data = DATA } = {}) {
  const plain = typeof header === "string" || Buffer.isBuffer(header);
  const text = Buffer.from(plain ? header : JSON.stringify(header));
  const start = Buffer.alloc(8);
  start.writeBigUInt64LE(length ?? BigInt(text.length));
  return Buffer.concat([start, text, data]);
}

const tensor = (dtype, shape, ...data_offsets) => ({ dtype, shape, data_offsets });
const all = (shape) => ({ a: tensor("U8", shape, 0, 29) });
const text = (shape) => `{"a":{"dtype":"U8","shape":${shape},"data_offsets":[0,29]}}`;

/** [kind, bytes, refusal] */
export function hostileSafetensors() {
  return [
    [
      "tensors that overlap",
      { ...HEADER, extra: tensor("U8", [4], 10, 14) },
      /tensor "extra" begins at byte 10 of the data, inside tensor "layer\.weight"/,
    ],
    [
      "a tensor inside another's end",
      { a: tensor("U8", [20], 0, 20), b: tensor("U8", [10], 19, 29) },
      /"b" begins at byte 19 of the data, inside tensor "a"/,
    ],
    ["the same bytes for two", { a: tensor("U8", [29], 0, 29), b: tensor("U8", [29], 0, 29) }, /inside tensor "a"/],
    [
      "a tensor beyond the end",
      { a: tensor("U8", [40], 0, 40) },
      /is cut off: tensor "a" ends at byte 40 of the data, the file has 29/,
    ],
    [
      "a tensor of 8 PB",
      { a: tensor("U8", [2 ** 53 - 1], 0, 2 ** 53 - 1) },
      /is cut off: tensor "a" ends at byte 9007199254740991/,
    ],
    ["bytes of no tensor at the end", { a: tensor("U8", [20], 0, 20) }, /the last 9 bytes belong to no tensor/],
    ["a hole", { a: tensor("U8", [9], 0, 9), b: tensor("U8", [19], 10, 29) }, /bytes 9 to 10 of the data belong to no tensor/],
    ["a hole at the beginning", { a: tensor("U8", [19], 10, 29) }, /bytes 0 to 10 of the data belong to no tensor/],
    ["a shape beyond all numbers", all([2 ** 53 - 1, 2 ** 53 - 1]), /is larger than any file/],
    ["a shape of another size", all([28]), /has 28 bytes, data_offsets \[0, 29\] give 29/],
    ["a negative size", all([-29]), /the shape is missing or not a list of up to 64 whole numbers/],
    ["a size that is text", all("29"), /the shape is missing/],
    ["sixty-five dimensions", all([29, ...Array(64).fill(1)]), /the shape is missing or not a list of up to 64/],
    ["no shape", { a: { dtype: "U8", data_offsets: [0, 29] } }, /the shape is missing/],
    ["a size with a fraction", text("[29.5]"), /the shape is missing/],
    ["a size in exponents", text("[2.9e1]"), /the shape is missing/],
    ["a size beyond 2^53", text(`[${2n ** 53n}]`), /the shape is missing/],
    ["a size of 400 digits", text(`[${"9".repeat(400)}]`), /a number that is too long/],
    ["an end before the beginning", { a: tensor("U8", [29], 29, 0) }, /data_offsets \[29, 0\] end before they begin/],
    ["a negative offset", { a: tensor("U8", [29], -29, 0) }, /data_offsets are missing or not two whole numbers/],
    ["three offsets", { a: tensor("U8", [29], 0, 29, 29) }, /data_offsets are missing or not two/],
    ["an unknown type", { a: tensor("F4", [29], 0, 29) }, /the dtype "F4" cannot be read/],
    ["a type that is a number", { a: tensor(3, [29], 0, 29) }, /the dtype is missing or not text/],
    ["a type of JavaScript's", { a: tensor("__proto__", [29], 0, 29) }, /the dtype "__proto__" cannot be read/],
    ["a tensor that is a list", { a: [] }, /expected an object with dtype, shape and data_offsets/],
    ["a tensor that is nothing", { a: null }, /expected an object with dtype/],
    ["metadata that nest", { __metadata__: { a: { b: "c" } } }, /__metadata__: expected text for "a"/],
    ["metadata that are a list", { __metadata__: ["a"] }, /__metadata__: expected an object of texts/],
    ["one name twice", text("[29]").replace(/^\{(.*)\}$/, "{$1,$1}"), /the key "a" a second time at character/],
    ["one key twice", '{"a":{"dtype":"U8","dtype":"I8","shape":[29],"data_offsets":[0,29]}}', /the key "dtype" a second time/],
    ["one name twice, once escaped", text("[29]").replace(/^\{(.*)\}$/, '{$1,"\\u0061":{}}'), /the key "a" a second time/],
    ["lists 100000 deep", `{"a":${"[".repeat(100_000)}${"]".repeat(100_000)}}`, /nested deeper than 32/],
    ["objects 100000 deep", '{"a":'.repeat(100_000), /nested deeper than 32/],
    ["half a surrogate pair", '{"\\ud800":{}}', /half a surrogate pair/],
    ["escape codes for a name", '{"\\u001b[2J":{}}', /tensor "\\u001b\[2J": the dtype/],
    ["a header without its end", '{"a":{"dtype":"U8"', /the header is not valid JSON: expected \}/],
    ["something after the header's end", `${text("[29]")}x`, /expected the end/],
    ["a header that is a list", "[]", /its header does not begin with \{/],
    ["a header that is not UTF-8", [Buffer.from('{"\xff":{}}', "latin1")], /the header is not UTF-8 text/],
    ["no header", [HEADER, { length: 0n }], /its header does not begin with \{/],
    ["a header of one byte", [HEADER, { length: 1n }], /the header is not valid JSON/],
    ["a header longer than the file", [HEADER, { length: 4096n }], /is cut off or damaged: the header needs 4096 bytes/],
    [
      "a header beyond the format's limit",
      [HEADER, { length: 100_000_001n }],
      /claims a header of 100000001 bytes; safetensors allows 100000000/,
    ],
    ["a header of 4 GB", [HEADER, { length: 2n ** 32n }], /claims a header of 4294967296 bytes/],
    ["a header of 2^64 bytes", [HEADER, { length: 2n ** 64n - 1n }], /claims a header of 18446744073709551615 bytes/],
    ["seven bytes", new Whole(Buffer.alloc(7)), /is cut off: 7 bytes/],
  ].map(([what, content, refusal]) => {
    const bytes = content instanceof Whole ? content.bytes : safetensorsFile(...(Array.isArray(content) ? content : [content]));
    return [what, bytes, refusal];
  });
}

class Whole {
  constructor(bytes) {
    this.bytes = bytes;
  }
}
