// Tiles and thumbnails of a project's images. Slides stay open and flat images decoded while they are in use, the least recently
// used are closed; a picture that cannot be made is one that says why.

import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import sharp from "sharp";
import { openSlide, printable, reason, type Slide, UserError, type WindowPixels, writeFileAtomic } from "../sparsecell.ts";
import { problemWith, type StoredImage } from "./found.ts";
import { TILE, tileWindow } from "./levels.ts";

export interface Picture {
  readonly type: "image/jpeg" | "image/svg+xml";
  readonly bytes: Uint8Array;
  /** Why there are no pixels. */
  readonly problem?: string;
}

interface Open {
  readonly slide: Promise<Slide>;
  /** Bytes of pixels that it holds. */
  readonly bytes: number;
  users: number;
}

const MOST_OPEN = 24;
const MOST_DECODED = 400_000_000; // bytes
const MOST_TILES = 64_000_000; // bytes of JPEG
const AT_ONCE = 3; // reads
const THUMBNAIL = 256;
const QUALITY = 88;

export class Pictures {
  readonly #fileOf: (image: StoredImage) => string;
  readonly #folder: string;
  readonly #open = new Map<string, Open>();
  readonly #tiles = new Map<string, Picture>();
  #tileBytes = 0;
  #running = 0;
  readonly #waiting: (() => void)[] = [];

  /** `folder` keeps the thumbnails. */
  constructor(folder: string, fileOf: (image: StoredImage) => string) {
    this.#folder = folder;
    this.#fileOf = fileOf;
  }

  /** null when the image has no such tile. */
  async tile(image: StoredImage, level: number, x: number, y: number): Promise<Picture | null> {
    const place = tileWindow(image, level, x, y);
    if (place === null) return null;
    const key = `${image.id}/${image.mtimeMs}/${level}/${x}/${y}`;
    const kept = this.#tiles.get(key);
    if (kept) {
      this.#tiles.delete(key);
      this.#tiles.set(key, kept);
      return kept;
    }
    const picture = await this.#picture(image, place.size, (slide) => slide.read(place.window, place.size));
    if (picture.problem === undefined) this.#keep(key, picture);
    return picture;
  }

  async thumbnail(image: StoredImage): Promise<Picture> {
    const file = join(this.#folder, `${image.id}-${Math.round(image.mtimeMs).toString(36)}.jpg`);
    if (existsSync(file)) return { type: "image/jpeg", bytes: readFileSync(file) };
    const scale = Math.max(1, Math.max(image.width, image.height) / THUMBNAIL);
    const size = { width: Math.max(1, Math.round(image.width / scale)), height: Math.max(1, Math.round(image.height / scale)) };
    const whole = { x: 0, y: 0, width: image.width, height: image.height };
    const picture = await this.#picture(image, size, (slide) => slide.read(whole, size));
    if (picture.problem === undefined)
      try {
        writeFileAtomic(file, picture.bytes);
      } catch {} // it is made again
    return picture;
  }

  /** Makes the thumbnail, and keeps nothing open for it. */
  async check(image: StoredImage): Promise<Picture> {
    const wasOpen = this.#open.has(image.id);
    const picture = await this.thumbnail(image);
    if (!wasOpen && this.#open.get(image.id)?.users === 0) this.#forget(image.id);
    return picture;
  }

  /** A tile whose every pixel is bad says so; where only a part is, that part is white. */
  async #picture(
    image: StoredImage,
    size: { width: number; height: number },
    read: (slide: Slide) => Promise<WindowPixels>,
  ): Promise<Picture> {
    const open = this.#opened(image);
    open.users++;
    await this.#turn();
    try {
      const { image: pixels, badTiles } = await read(await open.slide);
      if (badTiles.length > 0 && pixels.data.every((value) => value === 255))
        return problemPicture(`cannot be decoded: ${badTiles[0]}`, size);
      const { width, height, data } = pixels;
      const bytes = await sharp(data, { raw: { width, height, channels: 3 } })
        .jpeg({ quality: QUALITY })
        .toBuffer();
      return { type: "image/jpeg", bytes };
    } catch (error) {
      this.#forget(image.id);
      if (!(error instanceof UserError)) process.stderr.write(`${printable(`${image.name}: ${reason(error)}`)}\n`);
      return problemPicture(problemWith({ name: image.name, file: this.#placeOf(image) }, error), size);
    } finally {
      open.users--;
      this.#running--;
      this.#waiting.shift()?.();
      this.#closeUnused();
    }
  }

  close(): void {
    for (const id of [...this.#open.keys()]) this.#forget(id);
  }

  #opened(image: StoredImage): Open {
    const known = this.#open.get(image.id);
    this.#open.delete(image.id);
    const open = known ?? {
      slide: this.#read(image),
      bytes: image.slide ? 0 : 3 * image.width * image.height,
      users: 0,
    };
    open.slide.catch(() => {}); // whoever reads hears of it
    this.#open.set(image.id, open);
    return open;
  }

  /** Of a file that is gone, the error has no place. */
  #placeOf(image: StoredImage): string {
    try {
      return this.#fileOf(image);
    } catch {
      return image.name;
    }
  }

  async #read(image: StoredImage): Promise<Slide> {
    return openSlide(this.#fileOf(image), { pixels: image.pixels });
  }

  #closeUnused(): void {
    let [count, bytes] = [this.#open.size, 0];
    for (const open of this.#open.values()) bytes += open.bytes;
    for (const [id, open] of this.#open) {
      if (count <= MOST_OPEN && bytes <= MOST_DECODED) return;
      if (open.users > 0) continue;
      this.#forget(id);
      count--;
      bytes -= open.bytes;
    }
  }

  #forget(id: string): void {
    const open = this.#open.get(id);
    this.#open.delete(id);
    open?.slide.then(
      (slide) => slide.close(),
      () => {},
    );
  }

  #keep(key: string, picture: Picture): void {
    this.#tiles.set(key, picture);
    this.#tileBytes += picture.bytes.length;
    for (const [oldest, { bytes }] of this.#tiles) {
      if (this.#tileBytes <= MOST_TILES) return;
      this.#tiles.delete(oldest);
      this.#tileBytes -= bytes.length;
    }
  }

  /** Waits until few enough are being read, so that a mark need not wait for a hundred tiles. */
  async #turn(): Promise<void> {
    this.#running++;
    if (this.#running > AT_ONCE) await new Promise<void>((resolve) => this.#waiting.push(resolve));
  }
}

/** A picture in place of one that cannot be made. */
export function problemPicture(problem: string, { width, height } = { width: TILE, height: TILE }): Picture {
  const escaped = (text: string) => text.replace(/[&<>"]/g, (sign) => `&#${sign.charCodeAt(0)};`);
  const words = printable(problem).split(/(?<=[/\\ ])/);
  const lines: string[] = [];
  for (const word of words) {
    if (lines.length > 0 && (lines.at(-1) + word).length <= 30) lines[lines.length - 1] += word;
    else lines.push(word.slice(0, 200));
  }
  const text = lines.slice(0, 12).map((line, i) => `<text x="12" y="${28 + 16 * i}">${escaped(line)}</text>`);
  const svg = `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}" viewBox="0 0 ${width} ${height}"><defs><pattern id="h" width="16" height="16" patternUnits="userSpaceOnUse" patternTransform="rotate(45)"><rect width="16" height="16" fill="#eee"/><rect width="6" height="16" fill="#ddd"/></pattern></defs><rect width="100%" height="100%" fill="url(#h)"/><g font-family="sans-serif" font-size="12" fill="#222">${text.join("")}</g></svg>`;
  return { type: "image/svg+xml", bytes: Buffer.from(svg), problem };
}
