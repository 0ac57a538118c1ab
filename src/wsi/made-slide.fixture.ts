// A slide of known cells without a file, and a finder that sees them in its pixels: rectangles whose colour is class and score, on
// black. What a window cuts is found cut, with a lower score, as a network does.

import type { RgbImage } from "../data/image-file.ts";
import type { ImageDetections } from "../detector/detector.ts";
import { Random } from "../random.ts";
import type { Slide } from "../slides/slide.ts";
import type { CellFinder, Cells } from "./detect-slide.ts";

export interface KnownCell {
  /** Pixels of level 0, even numbers. */
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
  /** 1 or 2. */
  readonly label: number;
  /** Of 200. */
  readonly score: number;
}

/** Cells on a shaken grid, which do not touch each other. */
export function knownCells(width: number, height: number, seed: number): KnownCell[] {
  const random = new Random(seed);
  const spacing = 36;
  const cells: KnownCell[] = [];
  for (let y = 0; y + spacing <= height; y += spacing)
    for (let x = 0; x + spacing <= width; x += spacing) {
      const [w, h] = [10 + 2 * random.integer(8), 10 + 2 * random.integer(8)];
      const [dx, dy] = [2 * random.integer((spacing - w) / 2), 2 * random.integer((spacing - h) / 2)];
      if (random.uniform() < 0.7)
        cells.push({ x: x + dx, y: y + dy, width: w, height: h, label: 1 + random.integer(2), score: 100 + random.integer(100) });
    }
  return cells;
}

export interface MadeSlide extends Slide {
  readonly cells: readonly KnownCell[];
  /** Windows read so far. */
  reads: number;
}

/** `mpp`: 0.5 and 0.25 are shown exactly to a model of 0.5. */
export function madeSlide(options: {
  width?: number;
  height?: number;
  mpp?: number | null;
  seed?: number;
  badTiles?: (x: number, y: number) => readonly string[];
}): MadeSlide {
  const { width = 2000, height = 1500, mpp = 0.5, seed = 1, badTiles = () => [] } = options;
  const cells = knownCells(width, height, seed);
  return {
    path: "made.svs",
    reader: "tiff",
    format: "made",
    vendor: null,
    width,
    height,
    levels: [{ width, height, downsample: 1 }],
    mpp: mpp === null ? null : { x: mpp, y: mpp, from: "made" },
    cells,
    reads: 0,
    async read(window, size) {
      this.reads++;
      await new Promise((later) => setImmediate(later));
      const data = new Uint8Array(3 * size.width * size.height);
      const step = window.width / size.width;
      for (const cell of cells) {
        const [left, top] = [(cell.x - window.x) / step, (cell.y - window.y) / step];
        const [right, bottom] = [left + cell.width / step, top + cell.height / step];
        if (right <= 0 || bottom <= 0 || left >= size.width || top >= size.height) continue;
        for (let y = Math.max(0, top); y < Math.min(size.height, bottom); y++)
          for (let x = Math.max(0, left); x < Math.min(size.width, right); x++)
            data.set([cell.label, cell.score, 255], 3 * (y * size.width + x));
      }
      return { image: { ...size, data }, badTiles: badTiles(window.x, window.y) };
    },
    close() {},
  };
}

export const madeFinder: CellFinder = {
  config: { input: { kind: "resolution", window: 448, mpp: 0.5, scale: 1 } },
  detect: (images) => images.map(found),
};

function found({ width, height, data }: RgbImage): ImageDetections {
  const at = (x: number, y: number) => (x < 0 || y < 0 || x >= width || y >= height ? 0 : data[3 * (y * width + x)]);
  const [boxes, labels, scores]: number[][] = [[], [], []];
  for (let y = 0; y < height; y++)
    for (let x = 0; x < width; x++) {
      if (at(x, y) === 0 || at(x - 1, y) !== 0 || at(x, y - 1) !== 0) continue;
      let [right, bottom] = [x + 1, y + 1];
      while (at(right, y) !== 0) right++;
      while (at(x, bottom) !== 0) bottom++;
      const isCut = x === 0 || y === 0 || right === width || bottom === height;
      boxes.push(x, y, right, bottom);
      labels.push(at(x, y));
      scores.push(data[3 * (y * width + x) + 1] / (isCut ? 400 : 200));
    }
  return {
    boxes: Float32Array.from(boxes),
    labels: Int32Array.from(labels),
    scores: Float32Array.from(scores),
    capped: false,
    proposalsCapped: false,
  };
}

/** "x1,y1,x2,y2 label" of each, sorted. */
export const linesOf = (parts: readonly Cells[]): string[] =>
  parts
    .flatMap(({ boxes, labels }) => Array.from(labels, (label, k) => `${[...boxes.subarray(4 * k, 4 * k + 4)].join()} ${label}`))
    .sort();

export const knownLines = (cells: readonly KnownCell[]): string[] =>
  cells.map(({ x, y, width, height, label }) => `${x},${y},${x + width},${y + height} ${label}`).sort();
