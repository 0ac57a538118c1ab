// What is known of an image: its annotated cells, and where background is certain or nothing is judged. In pixels of the image
// at one size.

import { moveRegion, type Region, regionAt } from "../geometry/region.ts";
import { rescale, type Size } from "./transform.ts";

/**
 * @example
 * // Two annotated cells of the first class:
 * const known: KnownCells = { boxes: Float32Array.of(10, 10, 42, 42, 60, 20, 92, 52), labels: Int32Array.of(1, 1) };
 */
export interface KnownCells {
  /** [G, 4] */
  readonly boxes: Float32Array;
  /** [G], 1 … C − 1 */
  readonly labels: Int32Array;
  /** [H, 4]: hard negatives, places that are known not to be cells. */
  readonly negatives?: Float32Array;
  readonly regions?: readonly Region[];
}

/** The same on the image at another size. */
export function resizeKnownCells({ boxes, labels, negatives, regions }: KnownCells, from: Size, to: Size): KnownCells {
  const [y, x] = [to[0] / from[0], to[1] / from[1]];
  return {
    boxes: rescale(boxes, from, to),
    labels,
    negatives: negatives && rescale(negatives, from, to),
    regions: regions?.map((region) => moveRegion(region, (px, py) => [px * x, py * y])),
  };
}

/**
 * How the label of a box is judged, by the box's centre. `ignored`: it takes part in no loss. `certain`: it has the plain loss,
 * because the label is known to be true (in a complete region, or on a hard negative). null: the calibration decides.
 */
export function labelCertainty(
  { negatives, regions }: KnownCells,
  boxes: Float32Array,
  index: number,
): "ignored" | "certain" | null {
  if (!regions && !negatives) return null;
  const [x1, y1, x2, y2] = boxes.subarray(4 * index, 4 * index + 4);
  const [x, y] = [(x1 + x2) / 2, (y1 + y2) / 2];
  const kind = regionAt(regions, x, y);
  if (kind === "ignore") return "ignored";
  return kind === "complete" || holds(negatives, x, y) ? "certain" : null;
}

function holds(boxes: Float32Array | undefined, x: number, y: number): boolean {
  for (let k = 0; boxes && k < boxes.length; k += 4)
    if (x >= boxes[k] && x < boxes[k + 2] && y >= boxes[k + 1] && y < boxes[k + 3]) return true;
  return false;
}
