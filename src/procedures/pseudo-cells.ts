// Cells that a detector found on a training image and that nobody marked, as annotations of a step.

import { turnedPoint, uprightPoint } from "../data/loader/symmetry.ts";
import type { Detections } from "../detector/detections.ts";
import { type KnownCells, labelCertainty } from "../detector/known-cells.ts";
import { iou } from "../geometry/box.ts";
import { joined, movedBoxes, rowsAt, toBoxes } from "../geometry/rows.ts";
import type { View } from "./procedure.ts";

export type PseudoCells = Pick<Detections, "boxes" | "labels" | "scores">;

/**
 * Of what was found on an image the cells that nobody marked: `isCell` says so by score and class, no marked box overlaps them by
 * more than `overlap`, and nothing is known of their place (a complete region, a hard negative, an ignored region).
 */
export function unmarkedCells(
  found: PseudoCells,
  known: KnownCells,
  { isCell, overlap }: { isCell: (score: number, label: number) => boolean; overlap: number },
): PseudoCells {
  const marked = toBoxes(known.boxes);
  const boxes = toBoxes(found.boxes);
  const kept = Int32Array.from(found.labels.keys()).filter(
    (k) =>
      isCell(found.scores[k], found.labels[k]) &&
      labelCertainty(known, found.boxes, k) === null &&
      marked.every((box) => iou(box, boxes[k]) <= overlap),
  );
  return {
    boxes: rowsAt(found.boxes, kept),
    labels: kept.map((k) => found.labels[k]),
    scores: Float32Array.from(kept, (k) => found.scores[k]),
  };
}

/** What is known of an image, with cells that a detector believes in among the marked ones, behind them. */
export const withCells = (known: KnownCells, { boxes, labels }: Pick<PseudoCells, "boxes" | "labels">): KnownCells => ({
  ...known,
  boxes: joined([known.boxes, boxes]),
  labels: Int32Array.from([...known.labels, ...labels]),
});

/** Boxes on image n of one view, on the same image of another. */
export function movedTo(boxes: Float32Array, from: View, to: View, n: number): Float32Array {
  const { width, height } = from.images[n];
  const size = from.symmetries[n].transpose ? { width: height, height: width } : { width, height };
  return movedBoxes(boxes, (x, y) => turnedPoint(uprightPoint([x, y], size, from.symmetries[n]), size, to.symmetries[n]));
}

/** What is known of the images of a view, with the unmarked cells that were `found` on another view of each. */
export const withFound = (
  view: View,
  found: readonly PseudoCells[],
  other: View,
  rule: Parameters<typeof unmarkedCells>[2],
): KnownCells[] =>
  view.known.map((known, n) => {
    const moved = { ...found[n], boxes: movedTo(found[n].boxes, other, view, n) };
    return withCells(known, unmarkedCells(moved, known, rule));
  });
