// safetensors files (https://github.com/huggingface/safetensors, section "Format"):
//   8 bytes   N, length of the header, unsigned, little-endian
//   N bytes   JSON: { name: { dtype, shape, data_offsets: [begin, end] }, …, "__metadata__": { text: text } }, then spaces
//   the rest  the tensors, contiguous, little-endian; offsets count from here, without holes or overlaps.
// Reading refuses any deviation, with a specific message for each. Writing orders tensors by descending element size, then by
// name, so that every tensor is aligned and the same content gives the same bytes.

import type { Dtype } from "../dtype.ts";
import { ByteReader } from "./byte-reader.ts";
import { readFileBytes } from "./file-bytes.ts";
import { byteLength, MAX_DIMENSIONS, type RawTensor } from "./raw-tensor.ts";
import { replaceFile } from "./replace-file.ts";
import { type Json, parseStrictJson } from "./strict-json.ts";
import { quote, systemReason, WeightFileError } from "./weight-file-error.ts";

/** The tensors of a weight file by name, and its texts. */
export interface WeightFile {
  tensors: Map<string, RawTensor>;
  metadata: Record<string, string>;
}

/** The format's names of dtypes, in the order in which tensors are written. */
const FORMAT_NAMES: Readonly<Record<Dtype, string>> = {
  int64: "I64",
  float64: "F64",
  float32: "F32",
  int32: "I32",
  bfloat16: "BF16",
  float16: "F16",
  int16: "I16",
  int8: "I8",
  uint8: "U8",
  bool: "BOOL",
};
const DTYPES = Object.keys(FORMAT_NAMES) as Dtype[];
const MAX_HEADER = 100_000_000;
const OPENING_BRACE = 0x7b;
const METADATA = "__metadata__";

/**
 * Reads a safetensors file; tensors are views of one buffer. Throws a WeightFileError that names the file, the tensor and the
 * problem.
 *
 * @example
 * const { tensors, metadata } = readSafetensors("model.safetensors");
 * const { dtype, shape, data } = tensors.get("conv.weight")!;
 * const weight = Tensor.fromBytes(data, shape, dtype);
 */
export function readSafetensors(path: string): WeightFile {
  return parseSafetensors(path, readFileBytes(path));
}

/** As `readSafetensors`, for bytes already read; `path` is used in messages. */
export function parseSafetensors(path: string, bytes: Uint8Array): WeightFile {
  const reader = new ByteReader(path, bytes);
  const header = readHeader(reader);
  const data = reader.bytes.subarray(reader.offset);
  const extents: Extent[] = [];
  let metadata: Record<string, string> = {};
  for (const [name, value] of header) {
    if (name === METADATA) metadata = readMetadata(reader, value);
    else extents.push(readExtent(reader, name, value));
  }
  checkCover(reader, extents, data.length);
  const tensors = new Map(
    extents.map(({ name, dtype, shape, begin, end }) => [name, { dtype, shape, data: data.subarray(begin, end) }]),
  );
  return { tensors, metadata };
}

interface Extent {
  name: string;
  dtype: Dtype;
  shape: number[];
  begin: number;
  end: number;
}

function readHeader(reader: ByteReader): Map<string, Json> {
  if (reader.left < 8) throw reader.fault(`is cut off: ${reader.left} bytes, but the length of the header alone takes 8`);
  const length = reader.take(8, "the length of the header").readBigUInt64LE();
  if (length > MAX_HEADER) throw reader.fault(`claims a header of ${length} bytes; safetensors allows ${MAX_HEADER}`);
  if (length === 0n || (reader.left > 0 && reader.bytes[8] !== OPENING_BRACE))
    throw reader.fault("is not a safetensors file: its header does not begin with {");
  const text = reader.text(Number(length), "the header");
  try {
    return parseStrictJson(text) as Map<string, Json>; // it begins with {, so it is an object
  } catch (error) {
    if (error instanceof SyntaxError) throw reader.fault(`the header is not valid JSON: ${error.message}`);
    throw error;
  }
}

function readMetadata(reader: ByteReader, value: Json): Record<string, string> {
  if (!(value instanceof Map)) throw reader.fault(`${METADATA}: expected an object of texts`);
  const metadata: [string, string][] = [];
  for (const [key, text] of value) {
    if (typeof text !== "string") throw reader.fault(`${METADATA}: expected text for ${quote(key)}`);
    metadata.push([key, text]);
  }
  return Object.fromEntries(metadata);
}

function readExtent(reader: ByteReader, name: string, value: Json): Extent {
  const fault = (what: string) => reader.fault(`tensor ${quote(name)}: ${what}`);
  if (!(value instanceof Map)) throw fault("expected an object with dtype, shape and data_offsets");
  const format = value.get("dtype");
  const dtype = DTYPES.find((candidate) => FORMAT_NAMES[candidate] === format);
  if (dtype === undefined) {
    throw fault(
      `the dtype ${typeof format === "string" ? quote(format) : "is missing or not text and"} cannot be read; expected one of ${Object.values(FORMAT_NAMES).join(", ")}`,
    );
  }
  const shape = wholeNumbers(value.get("shape"));
  if (shape === undefined || shape.length > MAX_DIMENSIONS)
    throw fault(`the shape is missing or not a list of up to ${MAX_DIMENSIONS} whole numbers`);
  const offsets = wholeNumbers(value.get("data_offsets"));
  if (offsets?.length !== 2) throw fault("data_offsets are missing or not two whole numbers");
  const [begin, end] = offsets;
  if (begin > end) throw fault(`data_offsets [${begin}, ${end}] end before they begin`);
  const bytes = byteLength(shape, dtype);
  if (bytes === undefined) throw fault(`the shape [${shape.join(", ")}] is larger than any file`);
  if (bytes !== end - begin)
    throw fault(
      `${format} of shape [${shape.join(", ")}] has ${bytes} bytes, data_offsets [${begin}, ${end}] give ${end - begin}`,
    );
  return { name, dtype, shape, begin, end };
}

function wholeNumbers(value: Json | undefined): number[] | undefined {
  if (!Array.isArray(value)) return undefined;
  const whole = (item: Json) => typeof item === "bigint" && item >= 0n && item <= Number.MAX_SAFE_INTEGER;
  return value.every(whole) ? value.map(Number) : undefined;
}

/** Every byte of the data belongs to exactly one tensor. */
function checkCover(reader: ByteReader, extents: readonly Extent[], length: number): void {
  let covered = 0;
  let previous = "";
  for (const { name, begin, end } of extents.toSorted((a, b) => a.begin - b.begin || a.end - b.end)) {
    if (begin < covered)
      throw reader.fault(`tensor ${quote(name)} begins at byte ${begin} of the data, inside tensor ${quote(previous)}`);
    if (begin > covered)
      throw reader.fault(`bytes ${covered} to ${begin} of the data belong to no tensor (before ${quote(name)})`);
    if (end > length)
      throw reader.fault(
        `is cut off: tensor ${quote(name)} ends at byte ${end} of the data, the file has ${length}; copy or download it again`,
      );
    covered = end;
    previous = name;
  }
  if (covered < length) throw reader.fault(`the last ${length - covered} bytes belong to no tensor`);
}

/**
 * Writes tensors (a Map or [name, tensor] pairs) and metadata texts. The same content gives the same bytes in any order. The file
 * is replaced as a whole or not at all: on a WeightFileError (disk full, no permission) the old one stays. Throws a RangeError for
 * a name that occurs twice or is `__metadata__`, and for data that do not fit their shape.
 *
 * @example
 * const state = [...model.state()].map(([name, tensor]) => {
 *   return [name, { dtype: tensor.dtype, shape: tensor.shape, data: tensor.bytes() }] as const;
 * });
 * writeSafetensors("model.safetensors", state, { method: "bde" });
 */
export function writeSafetensors(
  path: string,
  tensors: Iterable<readonly [string, RawTensor]>,
  metadata: Readonly<Record<string, string>> = {},
): void {
  const sorted = [...tensors].sort(([a, x], [b, y]) => DTYPES.indexOf(x.dtype) - DTYPES.indexOf(y.dtype) || (a < b ? -1 : 1));
  const header = encodeHeader(path, sorted, metadata);
  const length = Buffer.alloc(8);
  length.writeBigUInt64LE(BigInt(header.length));
  try {
    replaceFile(path, [length, header, ...sorted.map(([, { data }]) => data)]);
  } catch (error) {
    throw new WeightFileError(path, `cannot be written: ${systemReason(error)}`);
  }
}

function encodeHeader(
  path: string,
  tensors: readonly (readonly [string, RawTensor])[],
  metadata: Readonly<Record<string, string>>,
): Buffer {
  const seen = new Set([METADATA]);
  const members: string[] = [];
  const texts = Object.entries(metadata).sort(([a], [b]) => (a < b ? -1 : 1));
  if (texts.length > 0) members.push(`"${METADATA}":{${texts.map(([key, text]) => `${json(key)}:${json(text)}`).join(",")}}`);
  let offset = 0;
  for (const [name, { dtype, shape, data }] of tensors) {
    if (seen.has(name)) throw new RangeError(`writeSafetensors: the name ${quote(name)} is taken`);
    seen.add(name);
    const bytes = shape.every((size) => Number.isSafeInteger(size) && size >= 0) ? byteLength(shape, dtype) : undefined;
    if (bytes !== data.length) {
      throw new RangeError(
        `writeSafetensors: tensor ${quote(name)}: ${dtype}[${shape.join(", ")}] expects ${bytes ?? "whole sizes and"} bytes, got ${data.length}`,
      );
    }
    members.push(
      `${json(name)}:{"dtype":"${FORMAT_NAMES[dtype]}","shape":[${shape.join(",")}],"data_offsets":[${offset},${offset + bytes}]}`,
    );
    offset += bytes;
  }
  const text = Buffer.from(`{${members.join(",")}}`);
  const padded = Math.ceil(text.length / 8) * 8;
  if (padded > MAX_HEADER)
    throw new WeightFileError(path, `cannot be written: its header would have ${padded} bytes; safetensors allows ${MAX_HEADER}`);
  return Buffer.concat([text, Buffer.alloc(padded - text.length, " ")]);
}

function json(text: string): string {
  if (/\p{Surrogate}/u.test(text)) throw new RangeError(`writeSafetensors: ${quote(text)} holds half a surrogate pair`);
  return JSON.stringify(text);
}
