// Reads a whole file into one buffer. (readFileSync is limited to 2 GiB.)

import { constants } from "node:buffer";
import { closeSync, openSync, readSync, statSync } from "node:fs";
import { systemReason, WeightFileError } from "./weight-file-error.ts";

const CHUNK = 1 << 30;

/** Throws a WeightFileError when the file is missing, a folder, empty, unreadable or too large for one buffer. */
export function readFileBytes(path: string): Buffer {
  const status = attempt(path, () => statSync(path)); // before opening: opening a pipe would wait for its writer
  if (!status.isFile())
    throw new WeightFileError(path, `is ${status.isDirectory() ? "a folder" : "not a regular file"}; expected a weight file`);
  if (status.size === 0) throw new WeightFileError(path, "is empty; copy or download it again");
  if (status.size > constants.MAX_LENGTH) {
    throw new WeightFileError(
      path,
      `has ${status.size} bytes; this version of Node can read files up to ${constants.MAX_LENGTH} bytes`,
    );
  }
  const file = attempt(path, () => openSync(path, "r"));
  try {
    const bytes = Buffer.allocUnsafeSlow(status.size);
    for (let offset = 0; offset < bytes.length; ) {
      const count = attempt(path, () => readSync(file, bytes, offset, Math.min(CHUNK, bytes.length - offset), offset));
      if (count === 0) throw new WeightFileError(path, "became shorter while it was read; try again");
      offset += count;
    }
    return bytes;
  } finally {
    closeSync(file);
  }
}

function attempt<T>(path: string, action: () => T): T {
  try {
    return action();
  } catch (error) {
    throw new WeightFileError(path, `cannot be read: ${systemReason(error)}`);
  }
}
