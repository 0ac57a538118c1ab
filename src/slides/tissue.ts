// Where on a slide there is tissue: a mask over an overview, which answers for windows and gives outlines.

import type { Sides } from "../data/working-resolution.ts";
import type { Window } from "../geometry/windows.ts";
import type { Mask } from "./mask.ts";
import { outlinesOf } from "./mask-outline.ts";
import type { Slide, SlideFacts } from "./slide.ts";
import { tissueMask } from "./tissue-rule.ts";

type Ring = readonly number[];

/** Where on a slide there is tissue. */
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
  /** Whether there may be tissue in a rectangle; true a little beside it, too. All places are in pixels of level 0. */
  touches(x1: number, y1: number, x2: number, y2: number): boolean;
  holds(x: number, y: number): boolean;
  /** The part of a window that is tissue, 0 to 1. */
  part(window: Window): number;
  /** The tissue inside of an area, such as annotations, to a pixel of the overview. */
  within(area: { holds(x: number, y: number): boolean }): Tissue;
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
 * const windows = slidingWindows(slide, { width: 2048, height: 2048, overlap: 128 }).filter((window) => tissue.part(window) > 0);
 */
export async function findTissue(slide: Slide): Promise<Tissue> {
  const { image, badTiles } = await slide.read({ x: 0, y: 0, width: slide.width, height: slide.height }, overviewOf(slide));
  return tissueOf(slide, await tissueMask(image), badTiles);
}

/**
 * All of a slide as tissue: for those who want every window, or all of some regions.
 *
 * @example
 * const left = wholeSlide(slide).within({ holds: (x) => x < slide.width / 2 });
 */
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
  const sumWithin = (x1: number, y1: number, x2: number, y2: number): number =>
    sumTo(sums, mask, x2, y2) - sumTo(sums, mask, x1, y2) - sumTo(sums, mask, x2, y1) + sumTo(sums, mask, x1, y1);
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
    touches: (x1, y1, x2, y2) =>
      sumWithin(Math.floor(x1 / scale.x), Math.floor(y1 / scale.y), Math.ceil(x2 / scale.x), Math.ceil(y2 / scale.y)) > 0,
    holds(x, y) {
      const [column, row] = [Math.floor(x / scale.x), Math.floor(y / scale.y)];
      return column >= 0 && row >= 0 && column < mask.width && row < mask.height && mask.data[row * mask.width + column] === 1;
    },
    part({ x, y, width, height }) {
      const [w, h] = [width / scale.x, height / scale.y];
      return sumWithin(x / scale.x, y / scale.y, x / scale.x + w, y / scale.y + h) / (w * h);
    },
    within(area) {
      const data = mask.data.map((value, i) => {
        if (value === 0) return 0;
        return Number(area.holds(((i % mask.width) + 0.5) * scale.x, (Math.floor(i / mask.width) + 0.5) * scale.y));
      });
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
