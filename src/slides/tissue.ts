// Where on a slide there is tissue: a mask over an overview, which answers for windows and gives outlines.

import type { RgbImage } from "../data/image-file.ts";
import type { Sides } from "../data/working-resolution.ts";
import type { Window } from "../geometry/windows.ts";
import { emptyMask, has, inverted, type Mask, pixelsIn, put } from "./mask.ts";
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
  const bad = new Set<string>();
  const size = overviewOf(slide);
  const mask = await tissueMask(size, overviewBands(slide, size, bad));
  return tissueOf(slide, mask, [...bad]);
}

/**
 * All of a slide as tissue: for those who want every window, or all of some regions.
 *
 * @example
 * const left = wholeSlide(slide).within({ holds: (x) => x < slide.width / 2 });
 */
export function wholeSlide(slide: Extent): Tissue {
  return tissueOf(slide, inverted(emptyMask(overviewOf(slide))));
}

/** Rows of the overview that are read at once. */
const BAND = 512;

/**
 * All of a slide, from top to bottom. In one piece it would be larger than any window, and once a large piece was freed, glibc keeps
 * as much of what is freed later. Adds the names of bad tiles to `bad`.
 */
async function* overviewBands(slide: Slide, { width, height }: Sides, bad: Set<string>): AsyncGenerator<RgbImage> {
  const scale = slide.height / height;
  for (let y = 0; y < height; y += BAND) {
    const rows = Math.min(BAND, height - y);
    const band = { x: 0, y: y * scale, width: slide.width, height: rows * scale };
    const { image, badTiles } = await slide.read(band, { width, height: rows });
    for (const tile of badTiles) bad.add(tile);
    yield image;
  }
}

/** The size of the picture in which tissue is looked for. */
function overviewOf({ width, height, mpp }: Extent): Sides {
  const longest = Math.max(width, height);
  const scale = Math.max(1, longest / LONGEST_SIDE, mpp ? MICRONS / Math.max(mpp.x, mpp.y) : longest / SIDE_WITHOUT_MICRONS);
  return { width: Math.max(1, Math.round(width / scale)), height: Math.max(1, Math.round(height / scale)) };
}

function tissueOf(slide: Extent, mask: Mask, badTiles: readonly string[] = []): Tissue {
  const scale = { x: slide.width / mask.width, y: slide.height / mask.height };
  const count = pixelsIn(mask);
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
    share: count / (mask.width * mask.height),
    badTiles,
    touches: (x1, y1, x2, y2) =>
      areaWithin(mask, Math.floor(x1 / scale.x), Math.floor(y1 / scale.y), Math.ceil(x2 / scale.x), Math.ceil(y2 / scale.y)) > 0,
    holds(x, y) {
      const [column, row] = [Math.floor(x / scale.x), Math.floor(y / scale.y)];
      return column >= 0 && row >= 0 && column < mask.width && row < mask.height && has(mask, column, row);
    },
    part({ x, y, width, height }) {
      const [w, h] = [width / scale.x, height / scale.y];
      return areaWithin(mask, x / scale.x, y / scale.y, x / scale.x + w, y / scale.y + h) / (w * h);
    },
    within(area) {
      const inside = emptyMask(mask);
      for (let y = 0; y < mask.height; y++)
        for (let x = 0; x < mask.width; x++)
          if (has(mask, x, y) && area.holds((x + 0.5) * scale.x, (y + 0.5) * scale.y)) put(inside, x, y);
      return tissueOf(slide, inside, badTiles);
    },
  };
}

/** The area of the mask in a rectangle of its pixels, which may cut through them and reach outside. */
function areaWithin(mask: Mask, x1: number, y1: number, x2: number, y2: number): number {
  let area = 0;
  for (let row = Math.max(0, Math.floor(y1)); row < Math.min(mask.height, y2); row++) {
    let length = 0;
    for (let column = Math.max(0, Math.floor(x1)); column < Math.min(mask.width, x2); column++)
      if (has(mask, column, row)) length += Math.min(x2, column + 1) - Math.max(x1, column);
    area += length * (Math.min(y2, row + 1) - Math.max(y1, row));
  }
  return area;
}
