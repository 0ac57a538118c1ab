// The cells of a whole slide, row of windows by row. Windows are read ahead of the network by one reader; cells are merged as soon
// as no later window can change them (geometry/merge-rows.ts), so that memory grows with the width of the slide, not with its area.

import { thousandths } from "../data/coco/text.ts";
import type { RgbImage } from "../data/image-file.ts";
import type { ImageDetections } from "../detector/detector.ts";
import type { Box } from "../geometry/box.ts";
import { type FoundInRows, RowMerge } from "../geometry/merge-rows.ts";
import { isInBand } from "../geometry/merge-windows.ts";
import { boxAt } from "../geometry/rows.ts";
import { everywhere, type SearchArea } from "../geometry/search-area.ts";
import type { Core, Window } from "../geometry/windows.ts";
import type { DetectorConfig } from "../settings/detector.ts";
import type { Slide } from "../slides/slide.ts";
import { readAhead } from "./read-ahead.ts";
import { type GridOptions, type GridWindow, type SlideGrid, slideGrid } from "./slide-grid.ts";

/** What finds cells on pixels: a Detector. */
export interface CellFinder {
  readonly config: Pick<DetectorConfig, "input">;
  /** `cores`: the part of each image whose cells are wanted. */
  detect(images: readonly RgbImage[], cores: readonly Core[]): readonly ImageDetections[];
}

/** Cells in pixels of level 0, rounded to thousandths. */
export interface Cells {
  /** [K, 4]: x1 y1 x2 y2. */
  readonly boxes: Float64Array;
  /** [K], 0 … 1 */
  readonly scores: Float32Array;
  /** [K]: 1 … classes. */
  readonly labels: Int32Array;
}

/** Which part of a slide is searched, and from where on. */
export interface SlideDetectOptions extends GridOptions {
  /** Where cells are searched, in pixels of level 0; default: on all of the slide. */
  readonly area?: SearchArea;
  /** The last row that an earlier search of the same slide, with the same options, gave: what follows it is searched. */
  readonly after?: Pick<FinishedRow, "row" | "held">;
  /** Called after each window. */
  readonly onWindow?: (window: SearchedWindow) => void;
}

export interface SearchedWindow {
  /** What it searched, in pixels of level 0: its core, without the overlap with other windows. */
  readonly place: Window;
  /** Cells found in it, before merging. */
  readonly found: number;
}

/** What is certain once a row of windows is searched. */
export interface FinishedRow {
  /** From 0, among the rows that are searched. */
  readonly row: number;
  /** The cells that no later window can change, from top to bottom; every cell of the slide is in one row. */
  readonly cells: Cells;
  /** What may still change, in network pixels: to go on after this row (`after`). */
  readonly held: FoundInRows;
  /** Windows of this row. */
  readonly windows: number;
  /** Parts of the file that cannot be decoded: white, and searched as such. */
  readonly badTiles: readonly string[];
  /** Windows that reached the limit of detections, and of proposals: there may be more cells. */
  readonly capped: number;
  readonly proposalsCapped: number;
}

/**
 * Finds the cells of a slide. The rows come in a fixed order, and the same cells whatever the size of windows. Throws a UserError
 * when the model or the slide does not say at which scale; see `SlideDetectOptions` for a part of a slide and for going on later.
 *
 * @example
 * const detector = loadDetector("runs/bde/model.safetensors", { seed: 0 });
 * const slide = await openSlide("case1.svs");
 * for await (const { cells, badTiles } of detectSlide(detector, slide)) console.log(cells.scores.length, badTiles);
 * slide.close();
 * detector.release();
 */
export async function* detectSlide(
  detector: CellFinder,
  slide: Slide,
  { area = everywhere, after, onWindow, ...options }: SlideDetectOptions = {},
): AsyncGenerator<FinishedRow> {
  const grid = slideGrid(slide, detector.config.input, area, options);
  const merge = new RowMerge(after?.held);
  const first = after ? after.row + 1 : 0;
  const windows = grid.rows.slice(first).flatMap((row, i) => row.windows.map((window) => ({ window, row: first + i })));
  let found = new Found();
  let notes = { badTiles: new Set<string>(), capped: 0, proposalsCapped: 0, windows: 0 };
  for await (const [{ window, row }, { image, badTiles }] of readAhead(windows, ({ window }) => read(slide, grid, window))) {
    const [detections] = detector.detect([image], [coreIn(window)]);
    const before = found.count;
    found.add(detections, window);
    for (const tile of badTiles) notes.badTiles.add(tile);
    notes.capped += Number(detections.capped);
    notes.proposalsCapped += Number(detections.proposalsCapped);
    notes.windows++;
    onWindow?.({ place: window.place, found: found.count - before });
    if (window !== grid.rows[row].windows.at(-1)) continue;
    const next = grid.rows[row + 1]?.top ?? Infinity;
    const finished = merge.add(found.rows(), next);
    yield { row, cells: inSlide(finished, grid, area), held: merge.held, ...notes, badTiles: [...notes.badTiles].sort() };
    found = new Found();
    notes = { badTiles: new Set(), capped: 0, proposalsCapped: 0, windows: 0 };
  }
}

function read(slide: Slide, { step }: SlideGrid, { window: { x, y, width, height } }: GridWindow) {
  return slide.read({ x: x * step.x, y: y * step.y, width: width * step.x, height: height * step.y }, { width, height });
}

/** The core in pixels of its window. */
const coreIn = ({ window: { x, y }, core: [left, top, right, bottom] }: GridWindow): Core => [
  left - x,
  top - y,
  right - x,
  bottom - y,
];

/** What the windows of a row found, in network pixels of the slide. */
class Found {
  readonly #boxes: number[] = [];
  readonly #scores: number[] = [];
  readonly #labels: number[] = [];
  readonly #windows: number[] = [];

  get count(): number {
    return this.#scores.length;
  }

  add({ boxes, scores, labels }: ImageDetections, { number, window, core }: GridWindow): void {
    for (let k = 0; k < scores.length; k++) {
      const [x1, y1, x2, y2] = boxAt(boxes, k);
      const box: Box = [x1 + window.x, y1 + window.y, x2 + window.x, y2 + window.y];
      if (!isInBand(core, box)) continue;
      this.#boxes.push(...box);
      this.#scores.push(scores[k]);
      this.#labels.push(labels[k]);
      this.#windows.push(number);
    }
  }

  rows(): FoundInRows {
    return {
      boxes: Float64Array.from(this.#boxes),
      scores: Float32Array.from(this.#scores),
      labels: Int32Array.from(this.#labels),
      windows: Int32Array.from(this.#windows),
    };
  }
}

/** Those whose centre lies in the area, in pixels of level 0. */
function inSlide({ boxes, scores, labels }: FoundInRows, { step }: SlideGrid, area: SearchArea): Cells {
  const scaled = boxes.map((value, i) => thousandths(value * (i & 1 ? step.y : step.x)));
  const kept = [...scores.keys()].filter((k) =>
    area.holds((scaled[4 * k] + scaled[4 * k + 2]) / 2, (scaled[4 * k + 1] + scaled[4 * k + 3]) / 2),
  );
  const chosen = new Float64Array(4 * kept.length);
  kept.forEach((k, i) => chosen.set(scaled.subarray(4 * k, 4 * k + 4), 4 * i));
  return {
    boxes: chosen,
    scores: Float32Array.from(kept, (k) => scores[k]),
    labels: Int32Array.from(kept, (k) => labels[k]),
  };
}
