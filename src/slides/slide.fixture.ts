// Slides made byte by byte: tiled pyramids in classic TIFF and BigTIFF, in both byte orders, with SubIFDs, descriptions of Aperio
// and OME, labels in strips, and tiles left out.

import { writeFileSync } from "node:fs";
import { deflateSync } from "node:zlib";
import sharp from "sharp";
import { crop } from "../data/crop.ts";
import type { RgbImage } from "../data/image-file.ts";
import { resampled } from "../data/resampled.ts";
import { paste, white } from "./pixels.ts";

export interface SlideFile {
  /** The levels, the largest first. */
  readonly levels: readonly RgbImage[];
  readonly tile?: number;
  readonly compression?: "none" | "deflate" | "jpeg";
  readonly big?: boolean;
  readonly bigEndian?: boolean;
  /** The smaller levels are SubIFDs of the first page. */
  readonly subIfds?: boolean;
  readonly description?: string;
  /** Pixels per centimetre. */
  readonly resolution?: number;
  /** A further page in one strip, as labels and thumbnails are. */
  readonly label?: RgbImage;
  /** Whether a tile of level 0 is left out (of no bytes). */
  readonly leftOut?: (column: number, row: number) => boolean;
  /** Further tags of the first page, each a SHORT or a text. */
  readonly more?: { readonly [tag: number]: number | string };
}

/** A picture without symmetry, whose pixels tell their place. */
export function picture(width: number, height: number): RgbImage {
  const data = new Uint8Array(3 * width * height);
  for (let y = 0, i = 0; y < height; y++)
    for (let x = 0; x < width; x++, i += 3) {
      data[i] = 128 + 100 * Math.sin(x / 17 + y / 40);
      data[i + 1] = 128 + 100 * Math.cos(y / 23);
      data[i + 2] = (255 * (x + 2 * y)) / (width + 2 * height);
    }
  return { width, height, data };
}

/** The picture and copies of half its size, and half of that, until one fits into `least` pixels. */
export function pyramid(image: RgbImage, least = 256): RgbImage[] {
  const levels = [image];
  for (let last = image; Math.max(last.width, last.height) > least; levels.push(last))
    last = resampled(last, { width: Math.floor(last.width / 2), height: Math.floor(last.height / 2) });
  return levels;
}

const [ASCII, SHORT, LONG, RATIONAL, SLONG, LONG8] = [2, 3, 4, 5, 9, 16];
const SIZES: { readonly [type: number]: number } = { [ASCII]: 1, [SHORT]: 2, [LONG]: 4, [RATIONAL]: 8, [SLONG]: 4, [LONG8]: 8 };
const COMPRESSION = { none: 1, deflate: 8, jpeg: 7 } as const;

type Entry = readonly [tag: number, type: number, numbers: readonly number[]];

export async function writeSlide(file: string, slide: SlideFile): Promise<string> {
  writeFileSync(file, await slideBytes(slide));
  return file;
}

export async function slideBytes(slide: SlideFile): Promise<Buffer> {
  const { levels, subIfds = false, label } = slide;
  const out = new Writer(slide.big ?? false, slide.bigEndian ?? false);
  const pages: Entry[][] = [];
  for (const [i, level] of levels.entries()) pages.push(await tiledPage(out, slide, level, i));
  const chain = subIfds ? [pages[0]] : pages;
  if (subIfds) pages[0].push([330, LONG, pages.slice(1).map((entries) => out.directory(entries))]);
  if (label) chain.push(stripPage(out, label));
  for (const entries of chain) out.chained(entries);
  return out.bytes();
}

async function tiledPage(out: Writer, slide: SlideFile, image: RgbImage, level: number): Promise<Entry[]> {
  const { tile = 256, compression = "jpeg", description, resolution, leftOut, more = {} } = slide;
  const [offsets, sizes]: number[][] = [[], []];
  for (let y = 0; y < image.height; y += tile)
    for (let x = 0; x < image.width; x += tile) {
      const empty = level === 0 && leftOut?.(x / tile, y / tile);
      const bytes = empty ? Buffer.alloc(0) : await encoded(tileAt(image, x, y, tile), compression);
      offsets.push(empty ? 0 : out.data(bytes));
      sizes.push(bytes.length);
    }
  const entries: Entry[] = [
    ...pixelEntries(image, COMPRESSION[compression], compression === "jpeg" ? 6 : 2),
    [254, LONG, [level === 0 ? 0 : 1]],
    [322, SHORT, [tile]],
    [323, SHORT, [tile]],
    [324, LONG, offsets],
    [325, LONG, sizes],
  ];
  if (compression === "jpeg") entries.push([530, SHORT, [1, 1]]);
  if (level === 0 && description !== undefined) entries.push(textEntry(270, description));
  if (level === 0 && resolution !== undefined) {
    const rational = [Math.round(resolution * 100), 100];
    entries.push([282, RATIONAL, rational], [283, RATIONAL, rational], [296, SHORT, [3]]);
  }
  if (level === 0)
    for (const [tag, value] of Object.entries(more))
      entries.push(typeof value === "string" ? textEntry(Number(tag), value) : [Number(tag), SHORT, [value]]);
  return entries;
}

/** A Hamamatsu NDPI: each level is one JPEG, and the position of the next directory has eight bytes. */
export async function ndpiBytes(levels: readonly RgbImage[]): Promise<Buffer> {
  const out = new Writer(false, false);
  for (const [i, level] of levels.entries()) {
    const bytes = await encoded(level, "jpeg");
    out.chained([
      ...pixelEntries(level, COMPRESSION.jpeg, 6),
      textEntry(271, "Hamamatsu"),
      [273, LONG, [out.data(bytes)]],
      [278, LONG, [level.height]],
      [279, LONG, [bytes.length]],
      ...([282, 283] as const).map((tag): Entry => [tag, RATIONAL, [Math.round(20_000 / 2 ** i), 1]]), // half a µm at level 0
      [296, SHORT, [3]],
      [65_420, SHORT, [1]],
      [65_421, RATIONAL, [20, 2 ** i]], // the lens
      [65_424, SLONG, [0]], // the focal plane
    ]);
    out.data(Buffer.alloc(4));
  }
  return out.bytes();
}

function stripPage(out: Writer, image: RgbImage): Entry[] {
  const offset = out.data(Buffer.from(image.data));
  return [
    ...pixelEntries(image, 1, 2),
    [254, LONG, [1]],
    [273, LONG, [offset]],
    [278, LONG, [image.height]],
    [279, LONG, [image.data.length]],
  ];
}

const pixelEntries = ({ width, height }: RgbImage, compression: number, photometric: number): Entry[] => [
  [256, LONG, [width]],
  [257, LONG, [height]],
  [258, SHORT, [8, 8, 8]],
  [259, SHORT, [compression]],
  [262, SHORT, [photometric]],
  [277, SHORT, [3]],
];

const textEntry = (tag: number, text: string): Entry => [tag, ASCII, [...Buffer.from(`${text}\0`)]];

/** A tile of the picture, white where it ends. */
function tileAt(image: RgbImage, x: number, y: number, tile: number): RgbImage {
  const part = { x, y, width: Math.min(tile, image.width - x), height: Math.min(tile, image.height - y) };
  const whole = white({ width: tile, height: tile });
  paste(crop(image, part), whole, { x: 0, y: 0 });
  return whole;
}

async function encoded({ width, height, data }: RgbImage, compression: "none" | "deflate" | "jpeg"): Promise<Buffer> {
  if (compression === "none") return Buffer.from(data);
  if (compression === "deflate") return deflateSync(data);
  return sharp(data, { raw: { width, height, channels: 3 } })
    .jpeg({ quality: 95, chromaSubsampling: "4:4:4" })
    .toBuffer();
}

/** A TIFF file that grows: data and directories lie where they are written, and directories are chained. */
class Writer {
  readonly #big: boolean;
  readonly #bigEndian: boolean;
  readonly #parts: Buffer[];
  #end: number;
  /** Where the position of the next directory of the chain is to be written. */
  #link: { readonly buffer: Buffer; readonly at: number };

  constructor(big: boolean, bigEndian: boolean) {
    [this.#big, this.#bigEndian] = [big, bigEndian];
    const head = Buffer.alloc(big ? 16 : 8);
    head.write(bigEndian ? "MM" : "II", "latin1");
    this.#number(head, 2, 2, big ? 43 : 42);
    if (big) this.#number(head, 4, 2, 8);
    this.#link = { buffer: head, at: big ? 8 : 4 };
    [this.#parts, this.#end] = [[head], head.length];
  }

  bytes(): Buffer {
    return Buffer.concat(this.#parts);
  }

  /** Returns the position of what is written. */
  data(bytes: Buffer): number {
    const at = this.#end;
    this.#parts.push(bytes, Buffer.alloc(bytes.length % 2));
    this.#end += bytes.length + (bytes.length % 2);
    return at;
  }

  chained(entries: readonly Entry[]): void {
    const link = this.#link;
    this.#number(link.buffer, link.at, this.#word, this.directory(entries, true));
  }

  directory(entries: readonly Entry[], chained = false): number {
    const [word, countSize, entrySize] = [this.#word, this.#big ? 8 : 2, this.#big ? 20 : 12];
    const sorted = [...new Map(entries.map((entry) => [entry[0], entry])).values()].sort(([a], [b]) => a - b); // the last counts
    const table = Buffer.alloc(countSize + entrySize * sorted.length + word);
    this.#number(table, 0, countSize, sorted.length);
    for (const [i, [tag, type, numbers]] of sorted.entries()) {
      const at = countSize + entrySize * i;
      const values = this.#values(type, numbers);
      this.#number(table, at, 2, tag);
      this.#number(table, at + 2, 2, type);
      this.#number(table, at + 4, word, numbers.length / (type === RATIONAL ? 2 : 1));
      if (values.length <= word) values.copy(table, at + 4 + word);
      else this.#number(table, at + 4 + word, word, this.data(values));
    }
    if (chained) this.#link = { buffer: table, at: table.length - word };
    return this.data(table);
  }

  get #word(): number {
    return this.#big ? 8 : 4;
  }

  #values(type: number, numbers: readonly number[]): Buffer {
    const size = type === RATIONAL ? 4 : SIZES[type];
    const bytes = Buffer.alloc(size * numbers.length);
    for (const [i, number] of numbers.entries()) this.#number(bytes, i * size, size, number);
    return bytes;
  }

  #number(buffer: Buffer, at: number, size: number, value: number): void {
    if (size === 8) {
      if (this.#bigEndian) buffer.writeBigUInt64BE(BigInt(value), at);
      else buffer.writeBigUInt64LE(BigInt(value), at);
    } else if (this.#bigEndian) buffer.writeUIntBE(value, at, size);
    else buffer.writeUIntLE(value, at, size);
  }
}
