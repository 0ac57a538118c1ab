// The pairs of a detection and a truth, on the same image and of the same category, that are near enough to match. Every matching
// rule chooses among them.

import type { Detection } from "../data/coco/evaluation-files.ts";
import type { Box } from "../geometry/box.ts";
import { firstAtLeast } from "../geometry/first-at-least.ts";

export type { Detection };

/** A cell to be found. */
export interface Truth {
  readonly imageId: number;
  readonly categoryId: number;
  /** Pixels of the image. */
  readonly box: Box;
  /** COCO's `iscrowd`, VOC's `difficult`: neither missing it nor detecting it is wrong. */
  readonly ignore?: boolean;
}

/** The near truths of each detection, in no particular order: entries first[d] up to first[d + 1] belong to detection d. */
export interface Pairs {
  readonly first: Uint32Array;
  /** The index of the pair's truth. */
  readonly truth: Uint32Array;
  /** How near: an overlap in (0, 1] or a distance in pixels. */
  readonly value: Float64Array;
}

export interface Nearness {
  /** The extents along x; only pairs whose extents meet are compared. */
  readonly truthSpan: (truth: Truth) => readonly [from: number, to: number];
  readonly detectionSpan: (detection: Detection) => readonly [from: number, to: number];
  /** NaN if the two are not near. */
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
 * The truths of an image and category in order of their left ends. A span can meet only those that begin before its right end and
 * after its left end minus the widest span.
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
