// The directories of a TIFF file (TIFF 6.0, section 2; BigTIFF), one a page: what each says of its pixels, which no decoder tells.

import { closeSync, fstatSync, openSync, readSync } from "node:fs";

/** Tags by their names in TIFF 6.0. */
export const tags = {
  newSubfileType: 254,
  subfileType: 255,
  width: 256,
  height: 257,
  bitsPerSample: 258,
  compression: 259,
  photometric: 262,
  description: 270,
  stripOffsets: 273,
  orientation: 274,
  samplesPerPixel: 277,
  stripByteCounts: 279,
  maxSampleValue: 281,
  xResolution: 282,
  yResolution: 283,
  planarConfiguration: 284,
  resolutionUnit: 296,
  software: 305,
  tileWidth: 322,
  tileHeight: 323,
  tileOffsets: 324,
  tileByteCounts: 325,
  subIfds: 330,
  extraSamples: 338,
  sampleFormat: 339,
  sMaxSampleValue: 341,
  xmp: 700,
  hamamatsu: 65420,
} as const;

export interface TiffDirectory {
  /** The numbers of a tag; empty where it is missing, of an odd type or of more than ten million numbers. */
  values(tag: number): number[];
  /** How many numbers a tag has; 0 where it is missing. */
  count(tag: number): number;
  /** The text of a tag; "" where it is missing. */
  text(tag: number): string;
  /** The directories that it points to (SubIFDs): smaller copies of its page in OME-TIFF. */
  children(): TiffDirectory[];
}

const MOST_DIRECTORIES = 10_000;
const MOST_CHILDREN = 100; // of a page: a pyramid has about ten levels
const LONGEST_TEXT = 1_000_000; // characters: the XML of OME

/**
 * Reads the directories of `file` in order, at most 10000. Their values are read when asked for, so only within `read`. Throws
 * a RangeError when a directory lies beyond the file's end.
 */
export function readTiff<T>(file: string, read: (directories: readonly TiffDirectory[], size: number) => T): T {
  const handle = openSync(file, "r");
  try {
    return read(directoriesOf(new Bytes(handle)), fstatSync(handle).size);
  } finally {
    closeSync(handle);
  }
}

class Bytes {
  readonly #handle: number;
  readonly little: boolean;
  readonly big: boolean;

  constructor(handle: number) {
    this.#handle = handle;
    const start = this.at(0, 4);
    this.little = start.toString("latin1", 0, 2) === "II";
    this.big = this.unsigned(start, 2, 2) === 43;
  }

  at(position: number, length: number): Buffer {
    const buffer = Buffer.alloc(length);
    if (!Number.isSafeInteger(position) || position < 0 || readSync(this.#handle, buffer, 0, length, position) < length)
      throw new RangeError("a directory lies beyond its end");
    return buffer;
  }

  unsigned(buffer: Buffer, at: number, size: number): number {
    if (size === 8) return Number(this.little ? buffer.readBigUInt64LE(at) : buffer.readBigUInt64BE(at));
    return this.little ? buffer.readUIntLE(at, size) : buffer.readUIntBE(at, size);
  }

  /** A number of a tag's type: its size in bytes, and how to read it. */
  number(buffer: Buffer, at: number, type: number): number {
    const { little } = this;
    if (type === 5) return this.unsigned(buffer, at, 4) / this.unsigned(buffer, at + 4, 4);
    if (type === 11) return little ? buffer.readFloatLE(at) : buffer.readFloatBE(at);
    if (type === 12) return little ? buffer.readDoubleLE(at) : buffer.readDoubleBE(at);
    const size = SIZES[type];
    if (SIGNED.has(type)) return little ? buffer.readIntLE(at, size) : buffer.readIntBE(at, size);
    return this.unsigned(buffer, at, size);
  }
}

// Types: 1 BYTE, 2 ASCII, 3 SHORT, 4 LONG, 5 RATIONAL, 6 SBYTE, 7 UNDEFINED, 8 SSHORT, 9 SLONG, 11 FLOAT, 12 DOUBLE, 13 IFD,
// 16 LONG8, 18 IFD8.
const SIZES: { readonly [type: number]: number } = {
  1: 1,
  2: 1,
  3: 2,
  4: 4,
  5: 8,
  6: 1,
  7: 1,
  8: 2,
  9: 4,
  11: 4,
  12: 8,
  13: 4,
  16: 8,
  18: 8,
};
const SIGNED = new Set([6, 8, 9]);
const TEXTS = new Set([1, 2, 7]); // XMP is of type BYTE or UNDEFINED

function directoriesOf(bytes: Bytes): TiffDirectory[] {
  const word = bytes.big ? 8 : 4; // of offsets and counts
  const directories: TiffDirectory[] = [];
  const seen = new Set<number>();
  let next = bytes.unsigned(bytes.at(word, word), 0, word);
  while (next !== 0 && !seen.has(next) && directories.length < MOST_DIRECTORIES) {
    seen.add(next);
    const directory = directoryAt(bytes, next);
    directories.push(directory);
    next = directory.next;
  }
  return directories;
}

function directoryAt(bytes: Bytes, position: number): Entries {
  const word = bytes.big ? 8 : 4;
  const [countSize, entrySize] = bytes.big ? [8, 20] : [2, 12];
  const entries = bytes.unsigned(bytes.at(position, countSize), 0, countSize);
  if (entries > 4096) throw new RangeError("a directory is damaged");
  const table = bytes.at(position + countSize, entries * entrySize + word);
  return new Entries(bytes, table, { word, entrySize });
}

class Entries implements TiffDirectory {
  readonly #bytes: Bytes;
  readonly #table: Buffer;
  readonly #word: number;
  /** Tag → its place in the table. */
  readonly #places = new Map<number, number>();
  /** The position of the directory after it; 0 after the last. */
  readonly next: number;

  constructor(bytes: Bytes, table: Buffer, { word, entrySize }: { word: number; entrySize: number }) {
    [this.#bytes, this.#table, this.#word] = [bytes, table, word];
    for (let at = 0; at + entrySize <= table.length - word; at += entrySize) {
      const tag = bytes.unsigned(table, at, 2);
      if (!this.#places.has(tag)) this.#places.set(tag, at);
    }
    this.next = bytes.unsigned(table, table.length - word, word);
  }

  children(): TiffDirectory[] {
    const positions = this.values(tags.subIfds);
    if (positions.length > MOST_CHILDREN) throw new RangeError(`a directory points to ${positions.length} others`);
    return positions.map((position) => directoryAt(this.#bytes, position));
  }

  count(tag: number): number {
    const at = this.#places.get(tag);
    return at === undefined ? 0 : this.#bytes.unsigned(this.#table, at + 4, this.#word);
  }

  values(tag: number): number[] {
    const { type, count, stored } = this.#entry(tag, 1e7);
    return Array.from({ length: count }, (_, i) => this.#bytes.number(stored, i * SIZES[type], type));
  }

  text(tag: number): string {
    const { type, stored } = this.#entry(tag, LONGEST_TEXT);
    return TEXTS.has(type) ? stored.toString("utf8").replace(/\0.*$/s, "") : "";
  }

  /** An entry's numbers: stored in it if they fit, otherwise where it points to. */
  #entry(tag: number, most: number): { type: number; count: number; stored: Buffer } {
    const at = this.#places.get(tag);
    const none = { type: 0, count: 0, stored: Buffer.alloc(0) };
    if (at === undefined) return none;
    const [bytes, table, word] = [this.#bytes, this.#table, this.#word];
    const type = bytes.unsigned(table, at + 2, 2);
    const count = bytes.unsigned(table, at + 4, word);
    const length = SIZES[type] * count;
    if (SIZES[type] === undefined || count > most) return none;
    const field = table.subarray(at + 4 + word, at + 4 + 2 * word);
    return { type, count, stored: length <= word ? field : bytes.at(bytes.unsigned(field, 0, word), length) };
  }
}
