// The windows in which a slide is searched, at the model's working resolution: bands over all that the area touches, cut into cores
// where the area is, each as tall as the area in it. All of them begin at multiples of the network's coarsest stride, so that a
// place has the same anchors in whatever window it is seen.

import { UserError } from "../errors.ts";
import type { SearchArea } from "../geometry/search-area.ts";
import type { Core, Window } from "../geometry/windows.ts";
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
  /** From 0, row by row. */
  readonly number: number;
  /** In network pixels. */
  readonly window: Window;
  readonly core: Core;
  /** Its core in pixels of level 0. */
  readonly place: Window;
}

export interface GridOptions {
  /** Network pixels per pixel of the slide, in place of what the microns per pixel say. */
  readonly scale?: number;
  /**
   * The greatest side of a window in network pixels, what surrounds its core included: a multiple of 64, at least 320; default
   * 1536. The larger it is, the less of it is seen by another one, too, and the more memory it takes: the default 1.5 GB in float32.
   */
  readonly window?: number;
}

const USUAL_WINDOW = 1536;
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
  const inLevel0 = ([left, top, right, bottom]: Core): Core => [left * step.x, top * step.y, right * step.x, bottom * step.y];
  const touches = (core: Core): boolean => area.touches(...inLevel0(core));
  const rows: GridRow[] = [];
  let windows = 0;
  for (const [top, bottom] of partsOf(frame.height, core, (from, to) => touches([0, from, frame.width, to]))) {
    const row: GridWindow[] = [];
    for (const [left, right] of partsOf(frame.width, core, (from, to) => touches([from, top, to, bottom]))) {
      const tall = runsOf([top, bottom], (from, to) => touches([left, from, right, to]));
      if (tall.length === 0) continue; // `touches` may be true close by
      const inner: Core = [left, tall[0][0], right, tall[tall.length - 1][1]];
      const [x1, y1, x2, y2] = inLevel0(inner);
      const place = { x: x1, y: y1, width: x2 - x1, height: y2 - y1 };
      row.push({ number: windows++, window: around(inner, frame), core: inner, place });
    }
    if (row.length > 0) rows.push({ top, windows: row });
  }
  return { step, rows, windows };
}

const MOST_PIXELS = 4e11; // about 250,000 windows

const networkSide = (length: number): number => Math.max(1, Math.round(length));

/** From a network pixel to before another one. */
type Part = readonly [from: number, to: number];

type Touches = (from: number, to: number) => boolean;

/** Where along a side there is any of the area, in steps of the coarsest stride. */
function runsOf([begin, end]: Part, touches: Touches): Part[] {
  const runs: [number, number][] = [];
  for (let from = begin; from < end; from += coarsestStride) {
    const to = Math.min(end, from + coarsestStride);
    if (!touches(from, to)) continue;
    const last = runs.at(-1);
    if (last && from - last[1] <= 2 * HALO)
      last[1] = to; // both windows would see the gap anyway
    else runs.push([from, to]);
  }
  return runs;
}

/** The runs of a side, cut into parts of much the same length: at most a core, at the ends of the slide a core and a halo. */
function partsOf(length: number, core: number, touches: Touches): Part[] {
  return runsOf([0, length], touches).flatMap(([from, to]) => {
    const first = Math.max(from, HALO);
    const steps = Math.ceil((Math.min(to, length - HALO) - first) / coarsestStride);
    const count = Math.max(1, Math.ceil((steps * coarsestStride) / core));
    const cuts = Array.from({ length: count - 1 }, (_, i) => first + coarsestStride * Math.floor(((i + 1) * steps) / count));
    return [from, ...cuts].map((begin, i): Part => [begin, cuts[i] ?? to]);
  });
}

/** A core with what surrounds it, so far as the slide goes. */
function around([left, top, right, bottom]: Core, frame: { readonly width: number; readonly height: number }): Window {
  const [x, y] = [Math.max(0, left - HALO), Math.max(0, top - HALO)];
  return { x, y, width: Math.min(frame.width, right + HALO) - x, height: Math.min(frame.height, bottom + HALO) - y };
}

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
