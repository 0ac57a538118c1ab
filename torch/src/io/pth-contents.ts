// Reads the two formats of torch.save into one: a pickle whose tensors refer to storages, and the bytes of the storages.
// zip, since PyTorch 1.6 (https://github.com/pytorch/pytorch/blob/main/torch/serialization.py, _save):
//   name/data.pkl   the pickle;   name/data/KEY   a storage;   name/byteorder   "little" or "big" (since 2.1)
// legacy, since 0.1.10 (_legacy_save): five pickles (magic number, protocol, system, the object, the storages' keys), then for
//   every key its number of elements as int64 and the elements, always little-endian.

import { ByteReader } from "./byte-reader.ts";
import { readPickle } from "./pickle.ts";
import type { PickleValue, StorageReference } from "./pickle-values.ts";
import { ITEM_SIZE } from "./raw-tensor.ts";
import { quote, WeightFileError } from "./weight-file-error.ts";
import { readZipEntries, verified, type ZipEntry } from "./zip-entries.ts";

export interface PthContents {
  value: PickleValue;
  /** The bytes of a storage. Throws a WeightFileError when the file does not have them or has the wrong number. */
  storage: (reference: StorageReference) => Uint8Array;
}

const MAGIC = 0x1950a86a20f9469cfc6cn;
const PROTOCOL = 1001n;

export function readZipContents(path: string, bytes: Uint8Array): PthContents {
  const entries = readZipEntries(path, bytes);
  const root = rootOf(path, [...entries.keys()]);
  const order = entries.get(`${root}/byteorder`);
  const little = order === undefined || Buffer.from(verified(path, order)).toString("latin1").trim() === "little";
  if (!little) throw new WeightFileError(path, "was written on a big-endian machine; save it again on a little-endian one");
  const { value } = readPickle(new ByteReader(path, verified(path, entries.get(`${root}/data.pkl`) as ZipEntry)));
  const checked = new Map<string, Uint8Array>();
  const storage = (reference: StorageReference) => {
    const { key } = reference;
    const entry = entries.get(`${root}/data/${key}`);
    if (entry === undefined) throw missing(path, key);
    const data = checked.get(key) ?? verified(path, entry);
    checked.set(key, data);
    const expected = reference.numel * ITEM_SIZE[reference.dtype];
    if (data.length !== expected) throw wrongSize(path, reference, `${data.length} bytes`);
    return partOf(reference, data);
  };
  return { value, storage };
}

/** The only folder of the archive that contains data.pkl. */
function rootOf(path: string, names: readonly string[]): string {
  const roots = names.filter((name) => /^[^/]+\/data\.pkl$/.test(name)).map((name) => name.split("/", 1)[0]);
  if (roots.length !== 1)
    throw new WeightFileError(path, `is a zip archive with ${roots.length || "no"} data.pkl, so not from torch.save`);
  if (names.includes(`${roots[0]}/constants.pkl`)) {
    throw new WeightFileError(path, "is a TorchScript program, not a state dict; in Python save its state_dict() instead");
  }
  return roots[0];
}

export function readLegacyContents(path: string, bytes: Uint8Array): PthContents {
  const reader = new ByteReader(path, bytes);
  if (readPickle(reader).value !== MAGIC) throw reader.fault("is a pickle, but not from torch.save");
  if (readPickle(reader).value !== PROTOCOL) throw reader.fault("has an unsupported version of torch.save's legacy format");
  readPickle(reader); // the writer's byte order and sizes, although the elements are always little-endian
  const { value, storages } = readPickle(reader);
  const keys = readPickle(reader).value;
  if (!Array.isArray(keys)) throw reader.fault("is damaged: the keys of the storages are not a list");
  const data = new Map<string, Uint8Array>();
  for (const key of keys) {
    const reference = typeof key === "string" ? storages.get(key) : undefined;
    if (reference === undefined) throw reader.fault("is damaged: it lists a storage that no tensor uses");
    const part = `storage ${quote(reference.key)}`;
    const numel = reader.uint64(part);
    if (numel !== reference.numel) throw wrongSize(path, reference, `${numel} elements`);
    data.set(reference.key, reader.take(numel * ITEM_SIZE[reference.dtype], part));
  }
  const storage = (reference: StorageReference) => {
    const bytesOfAll = data.get(reference.key);
    if (bytesOfAll === undefined) throw missing(path, reference.key);
    return partOf(reference, bytesOfAll);
  };
  return { value, storage };
}

function partOf({ part, dtype }: StorageReference, data: Uint8Array): Uint8Array {
  return part ? data.subarray(part.offset * ITEM_SIZE[dtype], (part.offset + part.numel) * ITEM_SIZE[dtype]) : data;
}

function missing(path: string, key: string): WeightFileError {
  return new WeightFileError(path, `is damaged: storage ${quote(key)} is missing`);
}

function wrongSize(path: string, { key, dtype, numel }: StorageReference, found: string): WeightFileError {
  return new WeightFileError(
    path,
    `is damaged: storage ${quote(key)} should be ${dtype}[${numel}], ${numel * ITEM_SIZE[dtype]} bytes; the file has ${found}`,
  );
}
