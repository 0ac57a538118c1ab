// Where the tiles of a page lie in the file, and whether their bytes can be whole. libvips decodes what is left of a tile that is
// cut off or overwritten, and makes the rest grey or black without a word, so that its bytes are looked at here.

import { closeSync, fstatSync, openSync, read } from "node:fs";
import { promisify } from "node:util";
import { readTiff, tags } from "../data/tiff-directories.ts";
import type { TiledPage } from "./tiff-pages.ts";
import type { TilePart } from "./tiles.ts";

const readAsync = promisify(read);
const JPEG = 7; // of the tag Compression

export class TileTable {
  readonly #file: string;
  readonly #columns: number;
  readonly #isJpeg: boolean;
  readonly #offsets: Float64Array;
  readonly #sizes: Float64Array;

  /** Throws a RangeError when the table lies beyond the file's end, or is too long to be one. */
  constructor(file: string, { page, subIfd, width, height, tile, compression }: TiledPage) {
    this.#file = file;
    this.#columns = Math.ceil(width / tile.width);
    this.#isJpeg = compression === JPEG;
    [this.#offsets, this.#sizes] = readTiff(file, (directories) => {
      const directory = subIfd === null ? directories[page] : directories[page].children()[subIfd];
      return [tags.tileOffsets, tags.tileByteCounts].map((tag) => Float64Array.from(directory.values(tag)));
    });
    const tiles = this.#columns * Math.ceil(height / tile.height);
    if (Math.min(this.#offsets.length, this.#sizes.length) < tiles)
      throw new RangeError(`its table of ${tiles} tiles is missing`);
  }

  /** How many of the tiles are left out because nothing is on them. */
  countEmpty(tiles: readonly TilePart[]): number {
    return tiles.filter(({ column, row }) => this.#sizes[this.#number(column, row)] === 0).length;
  }

  /** Throws a RangeError when one of the tiles ends beyond the file, or is a JPEG that has lost a part. */
  async requireWhole(tiles: readonly TilePart[]): Promise<void> {
    const handle = openSync(this.#file, "r");
    try {
      const { size } = fstatSync(handle);
      const checks = tiles.map(async ({ column, row }) => {
        const number = this.#number(column, row);
        const [offset, length] = [this.#offsets[number], this.#sizes[number]];
        if (length === 0) return;
        if (!(offset + length <= size)) throw new RangeError("a tile lies beyond the end of the file");
        if (!this.#isJpeg) return;
        const bytes = Buffer.allocUnsafe(length);
        await readAsync(handle, bytes, 0, length, offset);
        if (!isWholeJpeg(bytes)) throw new RangeError("a tile has lost a part");
      });
      await Promise.all(checks.map((check) => check.catch((error) => error))); // before the file is closed
      await Promise.all(checks);
    } finally {
      closeSync(handle);
    }
  }

  /** Planes that are stored apart come one after the other: the first one tells. */
  #number(column: number, row: number): number {
    return row * this.#columns + column;
  }
}

const [FILL, SOI, EOI, DHT, SOS] = [0xff, 0xd8, 0xd9, 0xc4, 0xda];

/**
 * Whether a JPEG stream begins and ends as it must, with no other marker among its pixels than may stand there (ITU-T T.81,
 * B.1.1.2). Bits that are turned over, and zeros, are not noticed: those of a plain tile are zeros, too.
 */
export function isWholeJpeg(bytes: Buffer): boolean {
  if (bytes[0] !== FILL || bytes[1] !== SOI) return false;
  for (let at = 2; at + 2 <= bytes.length && bytes[at] === FILL; ) {
    const marker = bytes[at + 1];
    if (marker === EOI) return true;
    if (marker === FILL) at++;
    else if (at + 4 > bytes.length) return false;
    else {
      at += 2 + bytes.readUInt16BE(at + 2);
      if (marker === SOS) at = endOfScan(bytes, at);
    }
  }
  return false;
}

/** The position of the marker after the pixels of a scan; the end of the bytes where something else stands among them. */
function endOfScan(bytes: Buffer, start: number): number {
  let at = bytes.indexOf(FILL, start);
  const belongs = (next: number) => next === 0 || next === FILL || (next >= 0xd0 && next <= 0xd7); // 255, fill, a new interval
  while (at !== -1 && belongs(bytes[at + 1])) at = bytes.indexOf(FILL, at + (bytes[at + 1] === FILL ? 1 : 2));
  return at !== -1 && [EOI, DHT, SOS].includes(bytes[at + 1]) ? at : bytes.length;
}
