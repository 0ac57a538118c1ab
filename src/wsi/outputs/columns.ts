// The cells as columns of a table, for CSV and Parquet: centre and size in pixels of level 0 and in microns, class and score.

import { thousandths } from "../../data/coco/text.ts";
import type { Cells } from "../detect-slide.ts";
import { millionths, type SearchedSlide } from "./output.ts";

/** In their order. Microns are null where they are unknown. */
export interface CellColumns {
  readonly x_px: Float64Array;
  readonly y_px: Float64Array;
  readonly width_px: Float64Array;
  readonly height_px: Float64Array;
  readonly x_um: Float64Array | null;
  readonly y_um: Float64Array | null;
  readonly width_um: Float64Array | null;
  readonly height_um: Float64Array | null;
  readonly class: readonly string[];
  readonly score: Float64Array;
}

export function columnsOf(
  { classes, mpp }: Pick<SearchedSlide, "classes" | "mpp">,
  { boxes, scores, labels }: Cells,
): CellColumns {
  const column = (value: (x1: number, y1: number, x2: number, y2: number) => number): Float64Array =>
    Float64Array.from(scores, (_, k) => thousandths(value(boxes[4 * k], boxes[4 * k + 1], boxes[4 * k + 2], boxes[4 * k + 3])));
  const microns = (value: Parameters<typeof column>[0], size: number | undefined) =>
    size === undefined ? null : column((...box) => value(...box) * size);
  const x: Parameters<typeof column>[0] = (x1, _, x2) => (x1 + x2) / 2;
  const y: typeof x = (_, y1, __, y2) => (y1 + y2) / 2;
  const width: typeof x = (x1, _, x2) => x2 - x1;
  const height: typeof x = (_, y1, __, y2) => y2 - y1;
  return {
    x_px: column(x),
    y_px: column(y),
    width_px: column(width),
    height_px: column(height),
    x_um: microns(x, mpp?.x),
    y_um: microns(y, mpp?.y),
    width_um: microns(width, mpp?.x),
    height_um: microns(height, mpp?.y),
    class: Array.from(labels, (label) => classes[label - 1]),
    score: Float64Array.from(scores, millionths),
  };
}
