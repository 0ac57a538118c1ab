// From a window in pixels of level 0 to pixels of the wanted size. The level is the smallest that need not be enlarged. Where it
// is still at least twice as fine, libvips first shrinks it by a whole factor, in blocks, so that memory does not grow with the
// window; data/resampled.ts does the rest. Blocks and pixels lie on one lattice for the whole slide, so windows agree.

import { crop } from "../data/crop.ts";
import type { RgbImage } from "../data/image-file.ts";
import { raw, rgbOf } from "../data/raw-image.ts";
import { resampled } from "../data/resampled.ts";
import type { Sides } from "../data/working-resolution.ts";
import { UserError } from "../errors.ts";
import type { Window } from "../geometry/windows.ts";
import { levelFor } from "./levels.ts";
import { paste, white } from "./pixels.ts";
import type { StoredSlide, WindowPixels } from "./slide.ts";
import { readTiles } from "./tiles.ts";

/** Of a result. */
export const MOST_PIXELS = 4096 * 4096;

const BLOCK = 4096; // pixels of a level along a side that are decoded at once
const MOST_SHRINK = 1024; // the rest is left to `resampled`
const MARGIN = 2; // pixels of what libvips shrinks that depend on where a block ends

export async function readWindow(slide: StoredSlide, window: Window, size: Sides): Promise<WindowPixels> {
  requireWindow(slide, window, size);
  const scale = { x: window.width / size.width, y: window.height / size.height };
  const level = levelFor(slide.levels, Math.min(scale.x, scale.y));
  const { downsample, width, height } = slide.levels[level];
  const columns = alongSide({ from: window.x, scale: scale.x, count: size.width, slide: slide.width, level: width, downsample });
  const rows = alongSide({ from: window.y, scale: scale.y, count: size.height, slide: slide.height, level: height, downsample });
  if (columns === null || rows === null) return { image: white(size), badTiles: [] };
  const bad = new Set<string>();
  const part = { x: columns.start, y: rows.start, width: columns.length, height: rows.length };
  const shrunk = await readShrunk(slide, { level, part, by: { x: columns.shrink, y: rows.shrink }, bad });
  const inside = { width: columns.to - columns.from, height: rows.to - rows.from };
  const box = { x: columns.offset, y: rows.offset, width: columns.span, height: rows.span };
  const isCut = isWithin(shrunk, box, inside) && inside.width * inside.height < shrunk.width * shrunk.height;
  const found = isCut ? crop(shrunk, { ...box, ...inside }) : resampled(shrunk, inside, box);
  const badTiles = [...bad];
  if (found.width === size.width && found.height === size.height) return { image: found, badTiles };
  const image = white(size); // the slide ends in it
  paste(found, image, { x: columns.from, y: rows.from });
  return { image, badTiles };
}

/** Whether the pixels are there already, and need at most be cut out. */
const isWithin = (image: RgbImage, box: Window, { width, height }: Sides): boolean =>
  [box.width - width, box.height - height, box.x % 1, box.y % 1].every((rest) => Math.abs(rest) < 1e-9) &&
  Math.min(box.x, box.y) >= 0 &&
  box.x + width <= image.width &&
  box.y + height <= image.height;

function requireWindow({ path }: StoredSlide, window: Window, size: Sides): void {
  const isSize = [size.width, size.height].every((side) => Number.isInteger(side) && side >= 1);
  const isWindow = Object.values(window).every(Number.isFinite) && window.width > 0 && window.height > 0;
  if (isSize && isWindow && size.width * size.height <= MOST_PIXELS) return;
  throw new UserError(
    `${path}: a window of ${window.width}×${window.height} at ${window.x}, ${window.y} cannot be read in ${size.width}×${size.height} pixels; pass a window with an area and at most ${MOST_PIXELS} pixels`,
  );
}

interface Side {
  /** Of the result, the pixels whose centres lie on the slide: the first, and the first after them. */
  readonly from: number;
  readonly to: number;
  /** Of the level, what is read, shrunk by a whole factor. */
  readonly start: number;
  readonly length: number;
  readonly shrink: number;
  /** What the pixels of the result cover of what is read and shrunk. */
  readonly offset: number;
  readonly span: number;
}

interface SideOptions {
  /** Where the window begins, and how much a pixel of the result spans, in pixels of level 0. */
  readonly from: number;
  readonly scale: number;
  readonly count: number;
  /** The lengths of the slide and of the level. */
  readonly slide: number;
  readonly level: number;
  readonly downsample: number;
}

/** What is read along a side, and what becomes of it; null when no pixel lies on the slide. */
function alongSide({ from: begin, scale, count, slide, level, downsample }: SideOptions): Side | null {
  const firstBeyond = (place: number) => Math.min(count, Math.max(0, Math.ceil((place - begin) / scale - 0.5)));
  const [from, to] = [firstBeyond(0), firstBeyond(slide)];
  if (from >= to) return null;
  const ratio = scale / downsample; // pixels of the level per pixel of the result
  const [low, high] = [from, to].map((i) => (begin + i * scale) / downsample);
  if (Math.abs(ratio - 1) < 1e-9 && Math.abs(low - Math.round(low)) < 1e-9 && Math.round(high) <= level)
    return { from, to, start: Math.round(low), length: to - from, shrink: 1, offset: 0, span: to - from };
  const shrink = Math.max(1, Math.min(MOST_SHRINK, level, Math.floor(ratio + 1e-9)));
  // A whole ratio needs no further resampling if the shrunk pixels lie where those of the result do.
  const phase = Math.abs(ratio - shrink) < 1e-9 ? mod(Math.round(low), shrink) : 0;
  const aligned = (place: number) => phase + shrink * Math.floor((place - phase) / shrink);
  const reach = Math.max(shrink, ratio) + (shrink === 1 ? 0 : MARGIN * shrink); // of the resampling, and of the shrinking
  const start = Math.max(phase, aligned(Math.min(low, level - 1) - reach));
  const end = Math.min(aligned(level), aligned(high + reach) + shrink);
  if (end <= start) return { ...sideOf(0, level, 1), from, to };
  return { ...sideOf(start, end - start, shrink), from, to };

  function sideOf(start: number, length: number, shrink: number) {
    return { start, length, shrink, offset: (low - start) / shrink, span: (high - low) / shrink };
  }
}

const mod = (a: number, b: number): number => ((a % b) + b) % b;

interface ShrunkPart {
  readonly level: number;
  readonly part: Window;
  readonly by: { readonly x: number; readonly y: number };
  readonly bad: Set<string>;
}

/** A part of a level shrunk by whole factors, which divide its sides. */
async function readShrunk(slide: StoredSlide, { level, part, by, bad }: ShrunkPart): Promise<RgbImage> {
  const [stepX, stepY] = [by.x, by.y].map((k) => k * Math.ceil(BLOCK / k));
  if (by.x === 1 && by.y === 1 && part.width <= stepX && part.height <= stepY) return readTiles(slide, level, part, bad);
  const whole = white({ width: part.width / by.x, height: part.height / by.y });
  for (let y = 0; y < part.height; y += stepY)
    for (let x = 0; x < part.width; x += stepX) {
      const [left, right] = around(x, stepX, by.x, part.width);
      const [top, bottom] = around(y, stepY, by.y, part.height);
      const block = { x: part.x + left, y: part.y + top, width: right - left, height: bottom - top };
      const pixels = await readTiles(slide, level, block, bad);
      const size = { width: block.width / by.x, height: block.height / by.y };
      const shrunk = by.x * by.y === 1 ? pixels : await rgbOf(raw(pixels).resize({ ...size, fit: "fill", kernel: "linear" }));
      paste(shrunk, whole, { x: left / by.x, y: top / by.y }, { x: (x - left) / by.x, y: (y - top) / by.y });
    }
  return whole;
}

/** A block with a margin for the shrinking, as far as the part goes. */
function around(at: number, step: number, by: number, length: number): [number, number] {
  const margin = by === 1 ? 0 : MARGIN * by;
  return [Math.max(0, at - margin), Math.min(length, at + step + margin)];
}
