// PyTorch's weight files (.pth, .pt, .bin): a state dict, or a checkpoint that contains one, written by torch.save.
// The pickle inside is read by pickle.ts, which can build only tensors and containers.

import { readFileBytes } from "./file-bytes.ts";
import { Dict, isTensor, kindOf, type PickledTensor, type PickleValue } from "./pickle-values.ts";
import { type PthContents, readLegacyContents, readZipContents } from "./pth-contents.ts";
import type { RawTensor } from "./raw-tensor.ts";
import { contiguousBytes } from "./strided-view.ts";
import { quote, WeightFileError } from "./weight-file-error.ts";

/** The keys under which training programs store the state dict in a checkpoint. */
const STATE_DICT_KEYS = ["model", "state_dict", "model_state_dict"];
const NO_COPY_LIMIT = 1 << 20; // bytes

/**
 * Reads a state dict in zip or legacy format. Tensors are contiguous, and views of one buffer if the file stores them so. Of a
 * checkpoint it reads the dict under "model", "state_dict" or "model_state_dict", if exactly one of them has tensors; values that
 * are not tensors are ignored. Throws a WeightFileError; a pickle that names anything but tensors and containers is refused, and
 * nothing in it runs.
 */
export function readPth(path: string): Map<string, RawTensor> {
  return parsePth(path, readFileBytes(path));
}

/** As `readPth`, for bytes already read; `path` is used in messages. */
export function parsePth(path: string, bytes: Uint8Array): Map<string, RawTensor> {
  const contents = isZip(bytes) ? readZipContents(path, bytes) : readLegacyContents(path, bytes);
  const budget = { bytes: NO_COPY_LIMIT + 4 * bytes.length };
  const tensors = new Map<string, RawTensor>();
  for (const [name, tensor] of stateDict(path, contents)) {
    const data = contiguousBytes(tensor, contents.storage(tensor.storage), budget);
    if (typeof data === "string") throw new WeightFileError(path, `tensor ${quote(name)}: ${data}`);
    tensors.set(name, { dtype: tensor.storage.dtype, shape: [...tensor.shape], data });
  }
  return tensors;
}

export function isZip(bytes: Uint8Array): boolean {
  return bytes[0] === 0x50 && bytes[1] === 0x4b && bytes[2] === 3 && bytes[3] === 4;
}

function stateDict(path: string, { value }: PthContents): Map<string, PickledTensor> {
  if (!(value instanceof Dict)) throw new WeightFileError(path, `holds a ${kindOf(value)}; expected a state dict`);
  const nested = STATE_DICT_KEYS.map((key) => tensorsOf(value.get(key) ?? null)).filter((dict) => dict.size > 0);
  const tensors = nested.length === 0 ? tensorsOf(value) : nested[0];
  if (nested.length > 1 || tensors.size === 0) {
    const keys = [...value.keys()].slice(0, 10).map((key) => (typeof key === "string" ? quote(key) : kindOf(key)));
    const how = nested.length > 1 ? "holds several state dicts" : "holds no tensors";
    throw new WeightFileError(
      path,
      `${how} (keys: ${keys.join(", ") || "none"}${value.size > 10 ? ", …" : ""}); save only the one you want`,
    );
  }
  return tensors;
}

function tensorsOf(value: PickleValue): Map<string, PickledTensor> {
  const tensors = new Map<string, PickledTensor>();
  if (!(value instanceof Dict)) return tensors;
  for (const [key, tensor] of value) {
    if (typeof key === "string" && isTensor(tensor)) tensors.set(key, tensor);
  }
  return tensors;
}
