// Where on a slide there is tissue: a mask over an overview, which answers for windows and gives outlines.

import type { Sides } from "../data/working-resolution.ts";
import type { Window } from "../geometry/windows.ts";
import type { Mask } from "./mask.ts";
import { outlinesOf } from "./mask-outline.ts";
import type { Slide, SlideFacts } from "./slide.ts";
import { tissueMask } from "./tissue-rule.ts";

type Ring = readonly number[];

export interface Tissue {
  /** Each piece: its outline and then its holes, closed rings [x0, y0, x1, y1, …] in pixels of level 0. */
  readonly regions: readonly (readonly Ring[])[];
  /** In pixels of level 0. */
  readonly areaPx: number;
  /** null where the microns per pixel are unknown. */
  readonly mm2: number | null;
  /** The part of the slide that is tissue, 0 to 1. */
  readonly share: number;
  /** Parts of the file that could not be decoded when it was searched; they count as glass. */
  readonly badTiles: readonly string[];
  /** Whether a window in pixels of level 0 touches tissue. */
  overlaps(window: Window): boolean;
  /** The part of a window that is tissue, 0 to 1. */
  part(window: Window): number;
  /** The tissue inside of regions, each of rings in pixels of level 0, to a pixel of the overview. */
  within(regions: readonly (readonly Ring[])[]): Tissue;
}

type Extent = Pick<SlideFacts, "width" | "height" | "mpp">;

/** Microns per pixel of the overview, and its longest side where the microns are unknown or the slide is large. */
const [MICRONS, SIDE_WITHOUT_MICRONS, LONGEST_SIDE] = [8, 2000, 4096];

/**
 * Finds the tissue of a slide on an overview of about 8 µm a pixel, or of at most 2,000 pixels along the longer side where the
 * resolution is unknown. Stains may be pale or dark, with or without eosin; ink of pens, bubbles, edges of glass, dust and black
 * borders are not tissue. Small holes are filled, specks dropped, and about 16 µm around the tissue are added. A slide without
 * tissue has no regions.
 *
 * @example
 * const tissue = await findTissue(slide);
 * const windows = slidingWindows(slide, { width: 2048, height: 2048, overlap: 128 }).filter((window) => tissue.overlaps(window));
 */
export async function findTissue(slide: Slide): Promise<Tissue> {
  const { image, badTiles } = await slide.read({ x: 0, y: 0, width: slide.width, height: slide.height }, overviewOf(slide));
  return tissueOf(slide, await tissueMask(image), badTiles);
}

/** All of a slide as tissue: for those who want every window, or all of some regions. */
export function wholeSlide(slide: Extent): Tissue {
  const { width, height } = overviewOf(slide);
  return tissueOf(slide, { width, height, data: new Uint8Array(width * height).fill(1) });
}

/** The size of the picture in which tissue is looked for. */
function overviewOf({ width, height, mpp }: Extent): Sides {
  const longest = Math.max(width, height);
  const scale = Math.max(1, longest / LONGEST_SIDE, mpp ? MICRONS / Math.max(mpp.x, mpp.y) : longest / SIDE_WITHOUT_MICRONS);
  return { width: Math.max(1, Math.round(width / scale)), height: Math.max(1, Math.round(height / scale)) };
}

function tissueOf(slide: Extent, mask: Mask, badTiles: readonly string[] = []): Tissue {
  const scale = { x: slide.width / mask.width, y: slide.height / mask.height };
  const sums = sumsOf(mask);
  const sumWithin = ({ x, y, width, height }: Window): number =>
    sumTo(sums, mask, x + width, y + height) -
    sumTo(sums, mask, x, y + height) -
    sumTo(sums, mask, x + width, y) +
    sumTo(sums, mask, x, y);
  const onMask = ({ x, y, width, height }: Window): Window => ({
    x: x / scale.x,
    y: y / scale.y,
    width: width / scale.x,
    height: height / scale.y,
  });
  const count = sums[sums.length - 1];
  const areaPx = count * scale.x * scale.y;
  let regions: readonly (readonly Ring[])[] | null = null;
  return {
    get regions() {
      regions ??= outlinesOf(mask).map((rings) =>
        rings.map((ring) => ring.map((value, i) => value * (i % 2 === 0 ? scale.x : scale.y))),
      );
      return regions;
    },
    areaPx,
    mm2: slide.mpp && (areaPx * slide.mpp.x * slide.mpp.y) / 1e6,
    share: count / mask.data.length,
    badTiles,
    overlaps(window) {
      const { x, y, width, height } = onMask(window);
      const [left, top] = [Math.floor(x), Math.floor(y)];
      return sumWithin({ x: left, y: top, width: Math.ceil(x + width) - left, height: Math.ceil(y + height) - top }) > 0;
    },
    part: (window) => sumWithin(onMask(window)) / ((window.width * window.height) / (scale.x * scale.y)),
    within(parts) {
      const data = new Uint8Array(mask.data.length);
      for (const rings of parts)
        fill(
          mask,
          rings.map((ring) => ring.map((value, i) => value / (i % 2 === 0 ? scale.x : scale.y))),
          (from, to) => data.set(mask.data.subarray(from, to), from),
        );
      return tissueOf(slide, { ...mask, data }, badTiles);
    },
  };
}

/** Of each corner between pixels, how many pixels above and to the left of it are in the mask. */
function sumsOf({ width, height, data }: Mask): Uint32Array {
  const sums = new Uint32Array((width + 1) * (height + 1));
  for (let y = 0; y < height; y++) {
    let row = 0;
    for (let x = 0; x < width; x++) {
      row += data[y * width + x];
      sums[(y + 1) * (width + 1) + x + 1] = sums[y * (width + 1) + x + 1] + row;
    }
  }
  return sums;
}

/** The area of the mask above and to the left of a place, which need not be a corner of pixels, nor inside. */
function sumTo(sums: Uint32Array, { width, height }: Sides, x: number, y: number): number {
  const [u, v] = [Math.min(width, Math.max(0, x)), Math.min(height, Math.max(0, y))];
  const [column, row] = [Math.min(width - 1, Math.floor(u)), Math.min(height - 1, Math.floor(v))];
  const i = row * (width + 1) + column;
  const above = sums[i] + (u - column) * (sums[i + 1] - sums[i]);
  const below = sums[i + width + 1] + (u - column) * (sums[i + width + 2] - sums[i + width + 1]);
  return above + (v - row) * (below - above);
}

/** Calls `visit` for the runs of pixels, from one and up to another, whose centres an odd number of rings encloses. */
function fill({ width, height }: Sides, rings: readonly Ring[], visit: (from: number, to: number) => void): void {
  const crossings = new Map<number, number[]>(); // of each row's middle
  for (const ring of rings)
    for (let i = 0, j = ring.length - 2; i < ring.length; j = i, i += 2) {
      const [x1, y1, x2, y2] =
        ring[i + 1] < ring[j + 1]
          ? [...ring.slice(i, i + 2), ...ring.slice(j, j + 2)]
          : [...ring.slice(j, j + 2), ...ring.slice(i, i + 2)];
      for (let y = Math.max(0, Math.ceil(y1 - 0.5)); y < Math.min(height, Math.ceil(y2 - 0.5)); y++) {
        const x = x1 + ((x2 - x1) * (y + 0.5 - y1)) / (y2 - y1);
        const row = crossings.get(y);
        if (row) row.push(x);
        else crossings.set(y, [x]);
      }
    }
  const column = (x: number): number => Math.min(width, Math.max(0, Math.ceil(x - 0.5)));
  for (const [y, row] of crossings) {
    row.sort((a, b) => a - b);
    for (let i = 0; i + 1 < row.length; i += 2) visit(y * width + column(row[i]), y * width + column(row[i + 1]));
  }
}
