// The cells found, missed and wrongly detected on one image, for pictures of it.

import { type Detection, match, type Truth } from "./matching.ts";

/** The given objects themselves; `found` and `wrong` by descending score, `missed` in the order of the list. */
export interface Findings<T extends Truth, D extends Detection> {
  readonly found: readonly { readonly truth: T; readonly detection: D }[];
  readonly missed: readonly T[];
  readonly wrong: readonly D[];
}

export interface FindingsOptions {
  readonly imageId: number;
  /** Detections with a lower score are left out; default 0.5. */
  readonly score?: number;
  /** As in `match`; default 0.5. */
  readonly iou?: number;
}

/** The findings on image `imageId`, matched as in `evaluate`. Detections matched with an ignored truth are in no list. */
export function findings<T extends Truth, D extends Detection>(
  truths: readonly T[],
  detections: readonly D[],
  { imageId, score = 0.5, iou }: FindingsOptions,
): Findings<T, D> {
  const truthsHere = truths.filter((truth) => truth.imageId === imageId);
  const detectionsHere = detections.filter((detection) => detection.imageId === imageId && detection.score >= score);
  const { ranking, truthOf } = match(truthsHere, detectionsHere, { iou });

  const found: { truth: T; detection: D }[] = [];
  const wrong: D[] = [];
  for (const index of ranking) {
    const detection = detectionsHere[index];
    if (truthOf[index] === -1) {
      wrong.push(detection);
      continue;
    }
    const truth = truthsHere[truthOf[index]];
    if (!truth.ignore) found.push({ truth, detection });
  }
  const taken = new Set(truthOf);
  return { found, missed: truthsHere.filter((truth, index) => !truth.ignore && !taken.has(index)), wrong };
}
