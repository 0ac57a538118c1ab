// A file of records that are appended one at a time and are on the disk when `append` returns. Each has its length and a checksum;
// what a killed process or a power cut left half-written at the end is cut off when the file is opened.

import { closeSync, fstatSync, fsyncSync, ftruncateSync, openSync, readSync, writeSync } from "node:fs";
import { unwritable } from "../errors.ts";
import { crc32 } from "./crc32.ts";

const HEAD = 8; // bytes: length and checksum
const MOST = 2 ** 31 - 1;

export class Journal {
  readonly #path: string;
  readonly #file: number;
  #end: number;

  /** Opens or creates the file. Throws a UserError that names it where it cannot be written. */
  constructor(path: string) {
    this.#path = path;
    this.#end = 0;
    try {
      this.#file = openSync(path, "a+");
      for (const record of this.records()) this.#end += HEAD + record.length;
      if (fstatSync(this.#file).size > this.#end) this.#cut();
    } catch (error) {
      throw unwritable(path, error);
    }
  }

  append(record: Uint8Array): void {
    const head = Buffer.alloc(HEAD);
    head.writeUInt32LE(record.length);
    head.writeUInt32LE(crc32(record), 4);
    try {
      for (const bytes of [head, record])
        for (let done = 0; done < bytes.length; ) done += writeSync(this.#file, bytes, done, bytes.length - done);
      fsyncSync(this.#file);
      this.#end += HEAD + record.length;
    } catch (error) {
      try {
        this.#cut();
      } catch {} // it is cut when it is opened again
      throw unwritable(this.#path, error);
    }
  }

  /** All whole records, one at a time. */
  *records(): Generator<Buffer> {
    const head = Buffer.alloc(HEAD);
    const { size } = fstatSync(this.#file);
    for (let at = 0; readSync(this.#file, head, 0, HEAD, at) === HEAD; ) {
      const length = head.readUInt32LE();
      if (length === 0 || length > Math.min(MOST, size - at - HEAD)) return; // zeros are what a power cut may leave
      const record = Buffer.alloc(length);
      if (readSync(this.#file, record, 0, length, at + HEAD) !== length || crc32(record) !== head.readUInt32LE(4)) return;
      yield record;
      at += HEAD + length;
    }
  }

  close(): void {
    closeSync(this.#file);
  }

  #cut(): void {
    ftruncateSync(this.#file, this.#end);
    fsyncSync(this.#file);
  }
}
