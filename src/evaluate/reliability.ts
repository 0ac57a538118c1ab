// Tests whether scores are probabilities: of the detections with score 0.8, are 80 % right? (Reliability diagram and expected
// calibration error: Naeini et al., AAAI 2015; Guo et al., ICML 2017, https://arxiv.org/abs/1706.04599, section 2.)

import { ratio, type Tally } from "./tally.ts";

export interface Reliability {
  /** Ten bins of scores in [low, high), the last including 1: count, mean score and fraction right (0 if empty). */
  readonly bins: readonly {
    readonly low: number;
    readonly high: number;
    readonly count: number;
    readonly meanScore: number;
    readonly precision: number;
  }[];
  /** The expected calibration error: Σ count · |meanScore − precision| / all. */
  readonly ece: number;
}

const BINS = 10;

/** Missed cells do not affect reliability, only recall. Throws a RangeError on scores outside [0, 1]. */
export function reliability({ scores, hits }: Tally): Reliability {
  const sums = Array.from({ length: BINS }, () => ({ count: 0, score: 0, right: 0 }));
  scores.forEach((score, i) => {
    if (!(score >= 0 && score <= 1)) throw new RangeError(`reliability: expected scores in [0, 1], got ${score}`);
    const sum = sums[Math.min(Math.floor(score * BINS), BINS - 1)];
    sum.count++;
    sum.score += score;
    sum.right += hits[i] ? 1 : 0;
  });
  const bins = sums.map(({ count, score, right }, k) => {
    return { low: k / BINS, high: (k + 1) / BINS, count, meanScore: ratio(score, count), precision: ratio(right, count) };
  });
  const gaps = bins.reduce((sum, { count, meanScore, precision }) => sum + count * Math.abs(meanScore - precision), 0);
  return { bins, ece: ratio(gaps, scores.length) };
}
