// A folder is not there, or it is there with all its files: write into a sibling, rename. As atomic-write.ts for a file.

import { existsSync, mkdirSync, renameSync, rmdirSync, rmSync } from "node:fs";
import { basename, dirname, join, resolve } from "node:path";
import { reason, UserError } from "../errors.ts";

/**
 * Makes the folder `dir` with what `write` puts into the folder that it is given; folders on the way are made.
 * Throws a UserError that names `dir` when something is there already (an empty folder is taken), when the disk is full or
 * the place cannot be written; nothing is left then, nor when `write` throws.
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
    } catch {} // the place itself is the fault
    if (error instanceof UserError) throw error;
    throw new UserError(`${dir}: cannot be written: ${reason(error)}; free some room or choose another folder`);
  }
}

/** Removes an empty folder, since not every system renames over it. */
function requireFree(dir: string): void {
  if (!existsSync(dir)) return;
  try {
    rmdirSync(dir);
  } catch {
    throw new UserError(`${dir}: is already there; choose another folder or remove it first`);
  }
}
