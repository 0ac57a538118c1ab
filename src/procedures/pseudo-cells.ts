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

/**
 * The score of every marked cell that is not in an ignored region: that of the best detection of its class there (IoU of at least
 * `overlap`), 0 where there is none.
 */
export function markedScores(found: PseudoCells, known: KnownCells, overlap: number): number[] {
  const boxes = toBoxes(found.boxes);
  const marked = toBoxes(known.boxes).map((box, g) => ({ box, label: known.labels[g] }));
  return marked
    .filter((_, g) => labelCertainty(known, known.boxes, g) !== "ignored")
    .map(({ box, label }) =>
      boxes.reduce(
        (best, other, k) => (found.labels[k] === label && iou(box, other) >= overlap ? Math.max(best, found.scores[k]) : best),
        0,
      ),
    );
}

/** How many cells were added to what is known of the images of a step. */
export const countAdded = (known: readonly KnownCells[], before: readonly KnownCells[]): number =>
  known.reduce((sum, { labels }, n) => sum + labels.length - before[n].labels.length, 0);

/** That number as a moving average over about 20 steps: a sum, and the weight that it is divided by. */
export const noAverage = (): Float64Array => new Float64Array(2);
export const averageNext = ([sum, weight]: Float64Array, added: number): Float64Array =>
  Float64Array.of(0.95 * sum + added, 0.95 * weight + 1);
export const averageNow = ([sum, weight]: Float64Array): number => (weight === 0 ? 0 : sum / weight);
