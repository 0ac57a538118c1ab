// A score threshold chosen on one fold and applied to another. Users never know the threshold with the best F1 on the images being
// evaluated, but they do know one chosen on a validation fold.

import { f1Of, ratio, type Tally } from "./tally.ts";

/** [true positives, false positives] of the detections with score ≥ 0, 0.01, 0.02 … 1. */
export type CountsByThreshold = readonly (readonly [truePositives: number, falsePositives: number])[];

export interface ThresholdMeasures {
  readonly threshold: number;
  readonly recall: number;
  readonly precision: number;
  readonly f1: number;
  readonly found: number;
  readonly wrong: number;
}

const STEPS = 100;

export function countsByThreshold({ scores, hits }: Tally): CountsByThreshold {
  const counts: [number, number][] = [];
  let [found, wrong, next] = [0, 0, 0];
  for (let k = STEPS; k >= 0; k--) {
    for (; next < scores.length && scores[next] >= k / STEPS; next++) {
      if (hits[next]) found++;
      else wrong++;
    }
    counts[k] = [found, wrong];
  }
  return counts;
}

/** The threshold with the highest F1 (of equals, the highest) on a fold with these counts and this number of truths. */
export function chooseThreshold(byThreshold: CountsByThreshold, truths: number): ThresholdMeasures {
  let best = atThreshold(byThreshold, truths, 1);
  for (let k = STEPS - 1; k >= 0; k--) {
    const measures = atThreshold(byThreshold, truths, k / STEPS);
    if (measures.f1 > best.f1) best = measures;
  }
  return best;
}

/** The measures at a threshold on a fold. Throws a RangeError unless `threshold` is one of 0, 0.01 … 1. */
export function atThreshold(byThreshold: CountsByThreshold, truths: number, threshold: number): ThresholdMeasures {
  const k = Math.round(threshold * STEPS);
  if (byThreshold[k] === undefined || Math.abs(k / STEPS - threshold) > 1e-9)
    throw new RangeError(`atThreshold: expected one of 0, 0.01 … 1, got ${threshold}`);
  const [found, wrong] = byThreshold[k];
  return {
    threshold: k / STEPS,
    recall: ratio(found, truths),
    precision: ratio(found, found + wrong),
    f1: f1Of(found, found + wrong, truths),
    found,
    wrong,
  };
}
