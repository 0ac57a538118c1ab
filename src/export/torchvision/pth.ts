// A state dict as `torch.save` writes it: a zip archive, stored, of a pickle and the bytes of every tensor. Only the opcodes that it
// takes are here; `torch.load(…, weights_only=True)` accepts them.

import type { RawTensor } from "@sparsecell/torch";
import { crc32 } from "../../files/crc32.ts";

const PROTOCOL = Buffer.of(0x80, 2);
const [MARK, TUPLE, REDUCE, PERSISTENT, FALSE, NO_TUPLE, SET_ITEMS, STOP] = [..."(tRQ\x89)u."].map((code) =>
  Buffer.from(code, "latin1"),
);

const joined = (...parts: Uint8Array[]): Buffer => Buffer.concat(parts);
const uint32 = (value: number): Buffer => Buffer.of(value & 255, (value >>> 8) & 255, (value >>> 16) & 255, value >>> 24);
const int = (value: number): Buffer => joined(Buffer.from("J"), uint32(value));
const text = (value: string): Buffer => joined(Buffer.from("X"), uint32(Buffer.byteLength(value)), Buffer.from(value));
const global = (module: string, name: string): Buffer => Buffer.from(`c${module}\n${name}\n`);
const tuple = (...items: Uint8Array[]): Buffer => joined(MARK, ...items, TUPLE);
const orderedDict = joined(global("collections", "OrderedDict"), NO_TUPLE, REDUCE);

/** float32 tensors by name. The parts of the file, one after another. */
export function stateDictFile(tensors: ReadonlyMap<string, RawTensor>): Uint8Array[] {
  const named = [...tensors];
  const items = named.map(([name, tensor], key) => joined(text(name), rebuilt(tensor, String(key))));
  return archive([
    ["archive/data.pkl", joined(PROTOCOL, orderedDict, MARK, ...items, SET_ITEMS, STOP)],
    ["archive/byteorder", Buffer.from("little")],
    ...named.map(([, { data }], key): [string, Uint8Array] => [`archive/data/${key}`, data]),
    ["archive/version", Buffer.from("3\n")],
  ]);
}

/** The tensor whose numbers are all of the file `key`, in their order. */
function rebuilt({ dtype, shape }: RawTensor, key: string): Buffer {
  if (dtype !== "float32") throw new Error(`expected float32, got ${dtype}`);
  const strides = shape.map((_, i) => shape.slice(i + 1).reduce((a, b) => a * b, 1));
  const numbers = shape.reduce((a, b) => a * b, 1);
  const storage = tuple(text("storage"), global("torch", "FloatStorage"), text(key), text("cpu"), int(numbers));
  const sides = tuple(...shape.map(int));
  const args = tuple(joined(storage, PERSISTENT), int(0), sides, tuple(...strides.map(int)), FALSE, orderedDict);
  return joined(global("torch._utils", "_rebuild_tensor_v2"), args, REDUCE);
}

const ALIGNMENT = 64; // of data, as torch.save has it, so that a file can be mapped into memory

/** A zip archive (PKWARE APPNOTE.TXT 6.3) of files as they are, below 4 GB. */
function archive(files: readonly (readonly [name: string, data: Uint8Array])[]): Uint8Array[] {
  const body: Uint8Array[] = [];
  const directory: Uint8Array[] = [];
  let at = 0;
  for (const [name, data] of files) {
    const nameLength = Buffer.byteLength(name);
    const gap = (ALIGNMENT - ((at + 30 + nameLength + 4) % ALIGNMENT)) % ALIGNMENT;
    const sums = joined(uint32(crc32(data)), uint32(data.length), uint32(data.length));
    const times = Buffer.alloc(4);
    const common = joined(Buffer.of(20, 0, 0, 0, 0, 0), times, sums, uint16(nameLength));
    const header = joined(Buffer.from("PK\x03\x04"), common, uint16(4 + gap), Buffer.from(name), padding(gap));
    directory.push(
      Buffer.from("PK\x01\x02"),
      Buffer.of(20, 0),
      common,
      Buffer.alloc(12), // no extra field, no comment, first disk, attributes
      uint32(at),
      Buffer.from(name),
    );
    body.push(header, data);
    at += header.length + data.length;
  }
  const entries = joined(...directory);
  const [count, none] = [uint16(files.length), Buffer.alloc(4)];
  return [...body, entries, joined(Buffer.from("PK\x05\x06"), none, count, count, uint32(entries.length), uint32(at), uint16(0))];
}

const uint16 = (value: number): Buffer => Buffer.of(value & 255, value >>> 8);

/** An extra field of zeros under torch.save's "FB". */
const padding = (length: number): Buffer => joined(Buffer.from("FB"), uint16(length), Buffer.alloc(length));
