// A file is either the old one or the whole new one: write beside it, fsync, rename, fsync the folder.

import { closeSync, fsyncSync, openSync, renameSync, rmSync, writeSync } from "node:fs";
import { basename, dirname, join } from "node:path";
import { systemReason, WeightFileError } from "./weight-file-error.ts";

const CHUNK = 1 << 30;

/** Writes `parts` one after another. Throws a WeightFileError when the disk refuses; a file that was there stays. */
export function replaceFile(path: string, parts: Iterable<Uint8Array>): void {
  const folder = dirname(path);
  const beside = join(folder, `.${basename(path)}.${process.pid}.tmp`);
  try {
    const file = openSync(beside, "w");
    try {
      for (const part of parts) writeAll(file, part);
      fsyncSync(file);
    } finally {
      closeSync(file);
    }
    renameSync(beside, path);
    syncFolder(folder);
  } catch (error) {
    rmSync(beside, { force: true });
    throw new WeightFileError(path, `cannot be written: ${systemReason(error)}`);
  }
}

function writeAll(file: number, bytes: Uint8Array): void {
  for (let offset = 0; offset < bytes.length; ) offset += writeSync(file, bytes, offset, Math.min(CHUNK, bytes.length - offset));
}

function syncFolder(folder: string): void {
  if (process.platform === "win32") return; // a folder cannot be opened for fsync there
  const handle = openSync(folder, "r");
  try {
    fsyncSync(handle);
  } finally {
    closeSync(handle);
  }
}
