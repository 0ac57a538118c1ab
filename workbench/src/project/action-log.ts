// actions.jsonl: one record a line, on the disk when `append` returns. Of what a killed process or a power cut left of the last
// line nothing was acknowledged, so it is cut off when the file is opened.

import { closeSync, fstatSync, fsyncSync, ftruncateSync, openSync, readFileSync, writeSync } from "node:fs";
import type { ActionRecord } from "../api.ts";
import { isObject, UserError, unwritable } from "../sparsecell.ts";

export class ActionLog {
  readonly #path: string;
  readonly #file: number;
  #end: number;
  /** What the file had when it was opened. */
  readonly records: readonly ActionRecord[];

  /** Opens or creates the file. Throws a UserError with file and line where a line is damaged, and when it cannot be written. */
  constructor(path: string) {
    this.#path = path;
    try {
      this.#file = openSync(path, "a+");
      const bytes = readFileSync(path);
      this.#end = bytes.lastIndexOf(0x0a) + 1;
      if (bytes.length > this.#end) this.#cut();
      this.records = linesOf(bytes.subarray(0, this.#end)).map((line, i) => recordIn(line, i + 1, path));
    } catch (error) {
      throw error instanceof UserError ? error : unwritable(path, error);
    }
  }

  /** Throws a UserError when there is no room; the file is then as it was before. */
  append(records: readonly ActionRecord[]): void {
    const bytes = Buffer.from(records.map((record) => `${JSON.stringify(record)}\n`).join(""));
    try {
      for (let done = 0; done < bytes.length; ) done += writeSync(this.#file, bytes, done, bytes.length - done);
      fsyncSync(this.#file);
      this.#end += bytes.length;
    } catch (error) {
      try {
        this.#cut();
      } catch {} // it is cut when it is opened again
      throw unwritable(this.#path, error);
    }
  }

  close(): void {
    closeSync(this.#file);
  }

  #cut(): void {
    if (fstatSync(this.#file).size > this.#end) ftruncateSync(this.#file, this.#end);
    fsyncSync(this.#file);
  }
}

/** One at a time, because all of them may be longer than a string can be. */
function linesOf(bytes: Buffer): string[] {
  const lines: string[] = [];
  for (let from = 0; from < bytes.length; ) {
    const to = bytes.indexOf(0x0a, from);
    lines.push(bytes.toString("utf8", from, to));
    from = to + 1;
  }
  return lines;
}

function recordIn(line: string, number: number, path: string): ActionRecord {
  try {
    const value: unknown = JSON.parse(line);
    if (isObject(value) && value.number === number && isObject(value.action)) return value as unknown as ActionRecord;
  } catch {}
  throw new UserError(
    `${path}:${number}: is not action ${number}; restore the file from a copy, or remove this line and all after it`,
  );
}
