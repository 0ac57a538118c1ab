// Writes protocol buffers (https://protobuf.dev/programming-guides/encoding): as much of them as ONNX and
// TensorBoard need. A message is a list of byte arrays, so that weights are written from where they lie.

/** Some encoded fields, one after another. */
export type Fields = readonly Uint8Array[];

const [VARINT, FIXED64, BYTES, FIXED32] = [0, 1, 2, 5];

/** int32, int64, bool, an enumeration. */
export const integer = (field: number, value: number | bigint): Fields => [
  tag(field, VARINT),
  varint(BigInt.asUintN(64, BigInt(value))),
];

export function float(field: number, value: number): Fields {
  const bytes = Buffer.alloc(4);
  bytes.writeFloatLE(value);
  return [tag(field, FIXED32), bytes];
}

export function double(field: number, value: number): Fields {
  const bytes = Buffer.alloc(8);
  bytes.writeDoubleLE(value);
  return [tag(field, FIXED64), bytes];
}

export const bytes = (field: number, value: Uint8Array): Fields => [tag(field, BYTES), varint(BigInt(value.length)), value];

export const text = (field: number, value: string): Fields => bytes(field, Buffer.from(value));

/** A message inside another. */
export function message(field: number, ...parts: readonly Fields[]): Fields {
  const fields = parts.flat();
  return [tag(field, BYTES), varint(BigInt(byteLength(fields))), ...fields];
}

export const byteLength = (fields: Fields): number => fields.reduce((sum, { length }) => sum + length, 0);

const tag = (field: number, wire: number): Uint8Array => varint(BigInt((field << 3) | wire));

/** Seven bits a byte, the lowest first; all but the last byte have the highest bit. */
function varint(value: bigint): Uint8Array {
  const out: number[] = [];
  let rest = value;
  for (; rest > 127n; rest >>= 7n) out.push(Number(rest & 127n) | 128);
  return Uint8Array.of(...out, Number(rest));
}
