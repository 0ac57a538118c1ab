// The lines of a file that another process appends to.

import { closeSync, fstatSync, openSync, readSync } from "node:fs";

export class GrowingFile {
  readonly #path: string;
  #read = 0; // bytes
  #rest: Buffer = Buffer.alloc(0);

  constructor(path: string) {
    this.#path = path;
  }

  /** Whole lines since the last call; all of them again when the file was cut. */
  lines(): string[] {
    let file: number;
    try {
      file = openSync(this.#path, "r");
    } catch {
      return []; // not yet
    }
    try {
      const { size } = fstatSync(file);
      if (size < this.#read) [this.#read, this.#rest] = [0, Buffer.alloc(0)];
      const bytes = Buffer.alloc(size - this.#read);
      const got = readSync(file, bytes, 0, bytes.length, this.#read);
      this.#read += got;
      const all = Buffer.concat([this.#rest, bytes.subarray(0, got)]);
      const end = all.lastIndexOf(0x0a) + 1;
      this.#rest = all.subarray(end);
      return end === 0 ? [] : all.toString("utf8", 0, end - 1).split("\n");
    } finally {
      closeSync(file);
    }
  }
}
