// Files with an object of JSON a line, which grow while something runs: a kill or a full disk may leave half of the last line.

import { appendFileSync, existsSync, statSync, truncateSync } from "node:fs";
import { reason, UserError } from "../../errors.ts";
import { writeFileAtomic } from "../atomic-write.ts";
import { JSON_COST } from "../heap-room.ts";
import { readTextFile } from "../text-file.ts";
import type { Shape } from "./shape.ts";

/** Throws a UserError when there is no room; the file is as it was then. */
export function appendLine(file: string, value: object): void {
  const before = statSync(file, { throwIfNoEntry: false })?.size ?? 0;
  try {
    appendFileSync(file, `${JSON.stringify(value)}\n`);
  } catch (error) {
    try {
      truncateSync(file, before);
    } catch {} // it is not there at all
    throw new UserError(`${file}: cannot be written: ${reason(error)}; free some room and resume`);
  }
}

/** In place of what the file has, half a line included. */
export function writeLines(file: string, values: readonly object[]): void {
  writeFileAtomic(file, values.map((value) => `${JSON.stringify(value)}\n`).join(""));
}

/** The whole lines; none where there is no file. Throws a UserError that names file and line of one without the `shape`. */
export function readLines<T>(file: string, shape: Shape): T[] {
  if (!existsSync(file)) return [];
  return readTextFile(file, JSON_COST)
    .split("\n")
    .flatMap((line, i) => {
      if (!line.endsWith("}")) return [];
      const value = parsed(line);
      if (shape(value) !== null)
        throw new UserError(`${file}:${i + 1}: is not the line of a step; remove that line, or put the file back as it was`);
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
