// The error in the number of cells per image, for users who only count cells.

import type { Detection, Matching, Truth } from "./matching.ts";
import { ratio } from "./tally.ts";

export interface CountError {
  /** Mean over the images of |detections − truths|: the mean absolute error. */
  readonly countError: number;
  /** Mean over the images of detections − truths: above 0 if too many are found. */
  readonly countBias: number;
}

/**
 * Counts detections with a score ≥ `score`; neither ignored truths nor detections matched with them count.
 * `images`: the number searched, including those without cells.
 */
export function countErrorOf(
  truths: readonly Truth[],
  detections: readonly Detection[],
  { matching, score, images }: { matching: Matching; score: number; images: number },
): CountError {
  const surplus = new Map<number, number>();
  const add = (imageId: number, count: number) => surplus.set(imageId, (surplus.get(imageId) ?? 0) + count);
  for (const { imageId, ignore } of truths) if (!ignore) add(imageId, -1);
  detections.forEach((detection, index) => {
    const truth = matching.truthOf[index];
    if (detection.score >= score && !(truth !== -1 && truths[truth].ignore)) add(detection.imageId, 1);
  });
  let [absolute, signed] = [0, 0];
  for (const count of surplus.values()) {
    absolute += Math.abs(count);
    signed += count;
  }
  return { countError: ratio(absolute, images), countBias: ratio(signed, images) };
}
