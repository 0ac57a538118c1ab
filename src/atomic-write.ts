// A file is either the old one or the whole new one: write beside it, fsync, rename, fsync the folder.

import { closeSync, fsyncSync, mkdirSync, openSync, renameSync, rmSync, writeSync } from "node:fs";
import { basename, dirname, join } from "node:path";
import { reason, UserError } from "./errors.ts";

/**
 * Writes `chunks` one after another to `path`; folders on the way are made.
 * Throws a UserError that names the path when the disk is full or the folder cannot be written; the old file stays.
 */
export function writeFileAtomic(path: string, ...chunks: (string | Uint8Array)[]): void {
  const folder = dirname(path);
  const beside = join(folder, `.${basename(path)}.${process.pid}.tmp`);
  try {
    mkdirSync(folder, { recursive: true });
    const file = openSync(beside, "w");
    try {
      for (const chunk of chunks) writeAll(file, typeof chunk === "string" ? Buffer.from(chunk) : chunk);
      fsyncSync(file);
    } finally {
      closeSync(file);
    }
    renameSync(beside, path);
    syncFolder(folder);
  } catch (error) {
    try {
      rmSync(beside, { force: true });
    } catch {} // the folder itself is the fault
    throw new UserError(`${path}: cannot be written: ${reason(error)}; free some room or choose another folder`);
  }
}

function writeAll(file: number, bytes: Uint8Array): void {
  for (let offset = 0; offset < bytes.length; )
    offset += writeSync(file, bytes, offset, Math.min(bytes.length - offset, 1 << 30));
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
