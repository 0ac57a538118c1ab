// Which detections come near enough to which truths to have found them, on the same image and in the same category. Every
// matching rule chooses among these pairs. Boxes are pixels, x1 y1 x2 y2.

import type { Detection } from "../data/coco/evaluation-files.ts";
import type { Box } from "../geometry/box.ts";
import { firstAtLeast } from "../geometry/first-at-least.ts";

export type { Detection };

export interface Truth {
  readonly imageId: number;
  readonly categoryId: number;
  readonly box: Box;
  /** COCO's `iscrowd`, VOC's `difficult`: is not judged. It need not be found, and what is found there is not wrong. */
  readonly ignore?: boolean;
}

/** Of each detection its near truths, in no order: number first[d] up to first[d + 1] are those of detection d. */
export interface Pairs {
  readonly first: Uint32Array;
  /** Index of the pair's truth. */
  readonly truth: Uint32Array;
  /** How near: an overlap in (0, 1] or a distance in pixels. */
  readonly value: Float64Array;
}

export interface Nearness {
  /** From where to where a truth and a detection reach along x; they are compared only where these meet. */
  readonly truthSpan: (truth: Truth) => readonly [from: number, to: number];
  readonly detectionSpan: (detection: Detection) => readonly [from: number, to: number];
  /** NaN when the two are not near. */
  readonly value: (detection: Detection, truth: Truth) => number;
}

/** All near pairs. Throws a RangeError on a number that is not finite. */
export function pairsOf(truths: readonly Truth[], detections: readonly Detection[], nearness: Nearness): Pairs {
  assertFinite("truth", truths);
  assertFinite("detection", detections);
  const shelves = shelvesOf(truths, nearness);

  const first = new Uint32Array(detections.length + 1);
  const truth: number[] = [];
  const value: number[] = [];
  detections.forEach((detection, d) => {
    const shelf = shelves.get(detection.imageId)?.get(detection.categoryId);
    if (shelf !== undefined) {
      const { from, truths: indices, widest } = shelf;
      const [left, right] = nearness.detectionSpan(detection);
      for (let i = firstAtLeast(from, left - widest); i < from.length && from[i] <= right; i++) {
        const near = nearness.value(detection, truths[indices[i]]);
        if (Number.isNaN(near)) continue;
        truth.push(indices[i]);
        value.push(near);
      }
    }
    first[d + 1] = truth.length;
  });
  return { first, truth: Uint32Array.from(truth), value: Float64Array.from(value) };
}

/** Indices from the highest score to the lowest; equal scores keep the order of the list. */
export function rank(detections: readonly Detection[]): Uint32Array {
  const scores = Float64Array.from(detections, (detection) => detection.score);
  return Uint32Array.from(scores.keys()).sort((a, b) => scores[b] - scores[a] || a - b);
}

/**
 * The truths of one image and category by their left ends. A span meets only those that begin before its right end, and less
 * than the widest one before its left end.
 */
interface Shelf {
  readonly truths: readonly number[];
  readonly from: Float64Array;
  readonly widest: number;
}

/** By image, then by category. */
function shelvesOf(truths: readonly Truth[], { truthSpan }: Nearness): Map<number, Map<number, Shelf>> {
  const lists = new Map<number, Map<number, number[]>>();
  truths.forEach(({ imageId, categoryId }, index) => {
    let categories = lists.get(imageId);
    if (categories === undefined) lists.set(imageId, (categories = new Map()));
    const list = categories.get(categoryId);
    if (list === undefined) categories.set(categoryId, [index]);
    else list.push(index);
  });
  const shelf = (indices: number[]): Shelf => {
    indices.sort((a, b) => truthSpan(truths[a])[0] - truthSpan(truths[b])[0]);
    const spans = indices.map((index) => truthSpan(truths[index]));
    const widest = spans.reduce((most, [from, to]) => Math.max(most, to - from), 0);
    return { truths: indices, from: Float64Array.from(spans, ([from]) => from), widest };
  };
  return new Map(
    [...lists].map(([image, categories]) => [image, new Map([...categories].map(([id, list]) => [id, shelf(list)]))]),
  );
}

function assertFinite(what: string, items: readonly { readonly box: Box; readonly score?: number }[]): void {
  items.forEach(({ box, score = 0 }, index) => {
    if (box.length === 4 && box.every(Number.isFinite) && Number.isFinite(score)) return;
    throw new RangeError(`match: expected finite numbers, got box [${box}] and score ${score} of ${what} ${index}`);
  });
}
