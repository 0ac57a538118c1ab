// Reads a weight file of any supported kind, recognised by its content, never by its name.

import { readFileBytes } from "./file-bytes.ts";
import { isZip, parsePth } from "./pth.ts";
import { parseSafetensors, type WeightFile } from "./safetensors.ts";
import { quote, WeightFileError } from "./weight-file-error.ts";

const WHITESPACE = [0x09, 0x0a, 0x0d];
const KINDS = "expected safetensors or a PyTorch state dict (.pth)";

/**
 * Reads a safetensors file or a PyTorch state dict (.pth, zip or legacy, without metadata). Nothing in the file is executed. Throws
 * a WeightFileError for a missing or empty file, a file of another kind, and anything its reader refuses.
 *
 * @example
 * const { tensors } = readWeights("resnet18.pth");
 * console.log([...tensors.keys()]);
 */
export function readWeights(path: string): WeightFile {
  const bytes = readFileBytes(path);
  if (isZip(bytes)) return { tensors: parsePth(path, bytes), metadata: {} };
  if (looksLikeSafetensors(bytes)) return parseSafetensors(path, bytes);
  if (bytes[0] === 0x80) return { tensors: parsePth(path, bytes), metadata: {} };
  throw new WeightFileError(path, otherKind(bytes));
}

/** The upper half of the header's length is zero, and the header begins with { (or the file ends before). */
function looksLikeSafetensors(bytes: Buffer): boolean {
  return bytes.length >= 8 && bytes.readUInt32LE(4) === 0 && (bytes.length === 8 || bytes[8] === 0x7b);
}

function otherKind(bytes: Buffer): string {
  const start = bytes.toString("latin1", 0, 512);
  if (start.startsWith("version https://git-lfs")) return "is a Git LFS pointer, not the file itself; run: git lfs pull";
  if (start.includes("ustar", 250))
    return `is a tar archive, as PyTorch wrote before 0.1.10; ${KINDS}; torchvision's newer files hold the same weights`;
  if (start.startsWith("\x1f\x8b")) return `is compressed with gzip; unpack it first; ${KINDS}`;
  if (bytes.subarray(0, 512).every((byte) => byte >= 0x20 || WHITESPACE.includes(byte))) {
    return `is text that begins ${quote(bytes.toString("utf8", 0, 64).trim())}, perhaps a failed download; ${KINDS}`;
  }
  return `is not a known kind of weight file; ${KINDS}`;
}
