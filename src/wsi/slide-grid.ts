// The windows in which a slide is searched: cores on a grid at the model's working resolution, row by row, so far as they touch
// the area.

import type { Sides } from "../data/working-resolution.ts";
import { UserError } from "../errors.ts";
import type { SearchArea } from "../geometry/search-area.ts";
import { type Core, coreGrid, type Window } from "../geometry/windows.ts";
import { coarsestStride, type InputSize } from "../settings/detector.ts";
import { requireMicrons } from "../slides/microns.ts";
import type { SlideFacts } from "../slides/slide.ts";

/** The slide, and what is searched of it. */
export interface SlideGrid {
  /** Pixels of level 0 that a network pixel spans. */
  readonly step: { readonly x: number; readonly y: number };
  /** The rows in which any window is searched, from top to bottom. */
  readonly rows: readonly GridRow[];
  /** How many windows they have. */
  readonly windows: number;
}

export interface GridRow {
  /** Network pixels: where the cores begin. */
  readonly top: number;
  readonly windows: readonly GridWindow[];
}

export interface GridWindow {
  /** In the grid of the whole slide, row by row. */
  readonly number: number;
  /** In network pixels. */
  readonly window: Window;
  readonly core: Core;
  /** Its core in pixels of level 0, without what lies beyond the slide. */
  readonly place: Window;
}

export interface GridOptions {
  /** Network pixels per pixel of the slide, in place of what the microns per pixel say. */
  readonly scale?: number;
  /** The side of a window in network pixels, what surrounds its core included: a multiple of 64, at least 320; default 1024. */
  readonly window?: number;
}

const USUAL_WINDOW = 1024;
const HALO = 2 * coarsestStride; // the largest cells, and most of what the network's output depends on

/** Throws a UserError when the slide's scale for the model is unknown or absurd. */
export function slideGrid(
  slide: Pick<SlideFacts, "path" | "width" | "height" | "mpp">,
  input: InputSize,
  area: SearchArea,
  { scale, window = USUAL_WINDOW }: GridOptions = {},
): SlideGrid {
  if (window % coarsestStride !== 0 || window <= 2 * HALO)
    throw new RangeError(`window: expected a multiple of ${coarsestStride} above ${2 * HALO}, got ${window}`);
  const step = stepOf(slide, input, scale);
  const frame = { width: networkSide(slide.width / step.x), height: networkSide(slide.height / step.y) };
  const core = window - 2 * HALO;
  if (frame.width * frame.height > MOST_PIXELS)
    throw new UserError(
      `${slide.path}: would have ${frame.width}×${frame.height} pixels at the model's working resolution; check its microns per pixel (--mpp) or --scale`,
    );
  const rows = new Map<number, GridWindow[]>();
  for (const [number, cored] of coreGrid(frame, { core, halo: HALO }).entries()) {
    const [left, top, right, bottom] = inside(cored.core, frame);
    if (!area.touches(left * step.x, top * step.y, right * step.x, bottom * step.y)) continue;
    const row = rows.get(top) ?? [];
    const place = { x: left * step.x, y: top * step.y, width: (right - left) * step.x, height: (bottom - top) * step.y };
    row.push({ number, ...cored, place });
    rows.set(top, row);
  }
  return {
    step,
    rows: [...rows].map(([top, windows]) => ({ top, windows })),
    windows: [...rows.values()].reduce((sum, row) => sum + row.length, 0),
  };
}

const MOST_PIXELS = 4e11; // a million windows

const networkSide = (length: number): number => Math.max(1, Math.round(length));

const inside = ([left, top, right, bottom]: Core, { width, height }: Sides) => [
  Math.max(0, left),
  Math.max(0, top),
  Math.min(width, right),
  Math.min(height, bottom),
];

function stepOf(slide: Pick<SlideFacts, "path" | "mpp">, input: InputSize, scale: number | undefined): SlideGrid["step"] {
  if (input.kind !== "resolution")
    throw new UserError(
      `${slide.path}: is a slide, and the model has no working resolution: it resizes every image to its input; train one with "npx sparsecell train DIR" (without --input-size)`,
    );
  if (scale !== undefined) return { x: 1 / scale, y: 1 / scale };
  if (input.mpp === null)
    throw new UserError(
      `${slide.path}: the model does not know how many microns its pixels span, because its training images did not say; give --scale N, network pixels per pixel of the slide`,
    );
  const { x, y } = requireMicrons(slide);
  return { x: input.mpp / x, y: input.mpp / y };
}
