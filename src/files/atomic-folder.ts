// A new folder appears with all its files or not at all: it is written beside its place, then renamed. atomic-write.ts does
// the same for a file.

import { existsSync, mkdirSync, renameSync, rmdirSync, rmSync } from "node:fs";
import { basename, dirname, join, resolve } from "node:path";
import { UserError, unwritable } from "../errors.ts";

/**
 * Creates the folder `dir`, and its parents, from what `write` puts into the temporary folder it is given.
 * Throws a UserError that names `dir` when it exists and is not empty, when the disk is full and when the place cannot be
 * written. Nothing is left behind then, nor when `write` throws.
 */
export function writeFolderAtomic(dir: string, write: (beside: string) => void): void {
  const folder = resolve(dir);
  const beside = join(dirname(folder), `.${basename(folder)}.${process.pid}.tmp`);
  try {
    requireFree(dir);
    mkdirSync(beside, { recursive: true });
    write(beside);
    requireFree(dir);
    renameSync(beside, folder);
  } catch (error) {
    try {
      rmSync(beside, { recursive: true, force: true });
    } catch {} // the parent itself may be at fault
    throw error instanceof UserError ? error : unwritable(dir, error);
  }
}

/** Removes an empty folder, because not every system renames over one. */
function requireFree(dir: string): void {
  if (!existsSync(dir)) return;
  try {
    rmdirSync(dir);
  } catch {
    throw new UserError(`${dir}: already exists; choose another folder or remove it first`);
  }
}
