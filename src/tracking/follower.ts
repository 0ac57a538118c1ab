// Reads what is appended to a run's logs, a bounded piece at a time. A log that was replaced, as that of a resumed run is, is read
// from its beginning.

import { closeSync, fstatSync, openSync, readSync } from "node:fs";
import { join } from "node:path";
import { logs, type Point, pointsOf } from "./points.ts";

const PIECE = 2 ** 18; // bytes

export class Follower {
  readonly #dir: string;
  readonly #places = new Map<string, { inode: number; offset: number }>();

  constructor(dir: string) {
    this.#dir = dir;
  }

  /** The points of the next whole lines of each log; none when there is nothing new. */
  next(): Point[] {
    return Object.keys(logs).flatMap((file) => this.#lines(file).flatMap((line) => pointsOf(file, line)));
  }

  #lines(file: string): string[] {
    let handle: number;
    try {
      handle = openSync(join(this.#dir, file), "r");
    } catch {
      return []; // not there yet
    }
    try {
      const { ino, size } = fstatSync(handle);
      const before = this.#places.get(file);
      const offset = before?.inode === ino && before.offset <= size ? before.offset : 0;
      const bytes = Buffer.alloc(Math.min(PIECE, size - offset));
      const read = bytes.subarray(0, readSync(handle, bytes, 0, bytes.length, offset));
      const end = read.lastIndexOf("\n") + 1;
      this.#places.set(file, { inode: ino, offset: offset + end });
      return end === 0 ? [] : read.toString("utf8", 0, end - 1).split("\n");
    } finally {
      closeSync(handle);
    }
  }
}
