// Replaces a file as a whole or not at all: writes beside it, fsyncs, renames, fsyncs the folder.

import { closeSync, fsyncSync, lstatSync, openSync, renameSync, rmSync, statSync, writeSync } from "node:fs";
import { basename, dirname, join } from "node:path";

const CHUNK = 1 << 30;

/**
 * Writes `parts`, one after another, to `path`. A link is replaced, its target is not touched; pipes and devices cannot be
 * replaced and are written to directly. Throws the system's error on failure; an existing file then stays unchanged.
 */
export function replaceFile(path: string, parts: Iterable<Uint8Array>): void {
  if (isStream(path)) {
    write(path, "a", parts);
    return;
  }
  const folder = dirname(path);
  const beside = join(folder, `.${basename(path)}.${process.pid}.tmp`);
  try {
    rmSync(beside, { force: true }); // left by a killed process with the same PID
    write(beside, "wx", parts);
    renameSync(beside, path);
    syncFolder(folder);
  } catch (error) {
    try {
      rmSync(beside, { force: true });
    } catch {} // the folder itself may be at fault
    throw error;
  }
}

const SHELLS = /^\/dev\/(?:stdout|stderr|fd\/\d+)$/; // links to what a shell has opened, such as `>(command)`

function isStream(path: string): boolean {
  if (SHELLS.test(path)) return true;
  const look = path.startsWith("/dev/") ? statSync : lstatSync; // other links may belong to someone else and are not followed
  const status = look(path, { throwIfNoEntry: false });
  return status !== undefined && !status.isFile() && !status.isDirectory() && !status.isSymbolicLink();
}

function write(path: string, flags: "a" | "wx", parts: Iterable<Uint8Array>): void {
  const file = openSync(path, flags);
  try {
    for (const part of parts)
      for (let offset = 0; offset < part.length; ) offset += writeSync(file, part, offset, Math.min(CHUNK, part.length - offset));
    if (flags === "wx") fsyncSync(file);
  } finally {
    closeSync(file);
  }
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
