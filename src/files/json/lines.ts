// Files of one JSON object per line that grow during a run. A kill or a full disk may leave half of the last line.

import { appendFileSync, closeSync, existsSync, fsyncSync, openSync, statSync, truncateSync } from "node:fs";
import { reason, UserError } from "../../errors.ts";
import { writeFileAtomic } from "../atomic-write.ts";
import { JSON_COST } from "../heap-room.ts";
import { readTextFile } from "../text-file.ts";
import type { Shape } from "./shape.ts";

/** Throws a UserError when the disk is full; the file is then as it was before. */
export function appendLine(file: string, value: object): void {
  const before = statSync(file, { throwIfNoEntry: false })?.size ?? 0;
  try {
    appendFileSync(file, `${JSON.stringify(value)}\n`);
  } catch (error) {
    try {
      truncateSync(file, before);
    } catch {} // it does not exist
    throw new UserError(`${file}: cannot be written: ${reason(error)}; free some space and resume`);
  }
}

/** Has the file on the disk, if there is one, so that it outlives a power cut. */
export function syncFile(file: string): void {
  if (!existsSync(file)) return;
  const handle = openSync(file, "r+");
  try {
    fsyncSync(handle);
  } finally {
    closeSync(handle);
  }
}

/** Replaces the file's content, half a line included. */
export function writeLines(file: string, values: readonly object[]): void {
  writeFileAtomic(file, values.map((value) => `${JSON.stringify(value)}\n`).join(""));
}

/** All complete lines; none when there is no file. Throws a UserError with file and line where one does not have the `shape`. */
export function readLines<T>(file: string, shape: Shape): T[] {
  if (!existsSync(file)) return [];
  return readTextFile(file, JSON_COST)
    .split("\n")
    .flatMap((line, i) => {
      if (!line.endsWith("}")) return [];
      const value = parsed(line);
      if (shape(value) !== null)
        throw new UserError(`${file}:${i + 1}: is not a record of a step; remove the line or restore the file`);
      return [value as T];
    });
}

function parsed(line: string): unknown {
  try {
    return JSON.parse(line);
  } catch {
    return null;
  }
}
