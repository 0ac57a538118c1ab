// How good detections are, in the paper's measures (Li et al. 2021, section 4.2): average precision and recall, and with
// them precision and F1. All of them are fractions in [0, 1], and 0 where they would be 0/0; nothing here is ever NaN.

import { averagePrecision11 } from "./average-precision.ts";
import { type Matched, matched } from "./matched.ts";
import type { Detection, Truth } from "./matching.ts";
import { meanOverCategories, type Quality } from "./tally.ts";

export interface EvaluationOptions {
  /** A detection finds a truth when their intersection over union is at least this; in (0, 1], default 0.5. */
  readonly iou?: number;
  /** Recall, precision and F1 count detections with at least this score; default: all that are given. */
  readonly score?: number;
  /** How many images were searched; by default as many as have a truth or a detection. */
  readonly images?: number;
}

export interface CategoryQuality extends Quality {
  readonly categoryId: number;
}

/** `ap11` is the mean over the categories that have truths; the other numbers count all categories together. */
export interface Evaluation extends Quality {
  readonly images: number;
  /** By rising category id; every category that a truth or a detection has. */
  readonly perCategory: readonly CategoryQuality[];
}

/**
 * Compares detections with truths. A detection that went to an ignored truth is neither right nor wrong.
 * Throws a RangeError on a number that is not finite and on an `iou` outside (0, 1].
 */
export function evaluate(
  truths: readonly Truth[],
  detections: readonly Detection[],
  options: EvaluationOptions = {},
): Evaluation {
  return evaluationOf(matched(truths, detections, options), options);
}

/** The same of detections that are already matched. */
export function evaluationOf(
  { truths, detections, tallies }: Matched,
  { score = -Infinity, images = imagesOf(truths, detections) }: Pick<EvaluationOptions, "score" | "images"> = {},
): Evaluation {
  const perCategory = [...tallies.byCategory]
    .sort(([a], [b]) => a - b)
    .map(([categoryId, category]) => ({ categoryId, ...category.quality(score) }));
  const ap11 = meanOverCategories(tallies, averagePrecision11);
  return { ...tallies.all.quality(score), ap11, images, perCategory };
}

function imagesOf(...lists: (readonly { readonly imageId: number }[])[]): number {
  const images = new Set<number>();
  for (const list of lists) for (const { imageId } of list) images.add(imageId);
  return images.size;
}
