// The paper's measures of detections (Li et al. 2021, section 4.2), average precision and recall, with precision and F1. All are
// fractions in [0, 1], and 0 where they would be 0/0; nothing is ever NaN.

import { averagePrecision11 } from "./average-precision.ts";
import { type Matched, matched } from "./matched.ts";
import type { Detection, Truth } from "./matching.ts";
import { meanOverCategories, type Quality } from "./tally.ts";

export interface EvaluationOptions {
  /** A detection finds a truth when their IoU is at least this; in (0, 1], default 0.5. */
  readonly iou?: number;
  /** Recall, precision and F1 count only detections with at least this score; default: all. */
  readonly score?: number;
  /** The number of images searched; default: those with a truth or a detection. */
  readonly images?: number;
}

export interface CategoryQuality extends Quality {
  readonly categoryId: number;
}

/** `ap11` is the mean over the categories with truths; the other numbers count all categories together. */
export interface Evaluation extends Quality {
  readonly images: number;
  /** By ascending category id, for every category with a truth or a detection. */
  readonly perCategory: readonly CategoryQuality[];
}

/**
 * Compares detections with truths, matched by `match`. A detection matched with an ignored truth is neither right nor wrong.
 * Throws a RangeError on a number that is not finite and on an `iou` outside (0, 1].
 *
 * @example
 * const truth = { imageId: 1, categoryId: 1, box: [10, 10, 42, 42] as const };
 * const detection = { ...truth, score: 0.9 };
 * evaluate([truth], [detection]).ap11; // 1
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
