// Logistic calibration of a detector's scores (Platt 1999; of detectors Küppers et al. 2020), learned online:
//   p(match | s) = σ(a logit(s) + b)
// with a and b the maximum of the likelihood of counted matches and misses. They are counted in bins of the score, since a logistic
// regression has no smaller statistics that could be added up over steps; and as a prior of the weight of one detection, a is near
// 1 and b near 0: what has not been seen to match or not keeps its score.

import { logit, sigmoid } from "../logistic.ts";

const BINS = 100;

/** Matches of each bin, then misses of each. */
export type MatchCounts = Float64Array;

/** σ(slope · logit(s) + offset) */
export interface ScoreMap {
  readonly slope: number;
  readonly offset: number;
}

export const noCounts = (): MatchCounts => new Float64Array(2 * BINS);

/** Counts a detection, in place. */
export function count(counts: MatchCounts, score: number, matches: boolean): void {
  counts[(matches ? 0 : BINS) + binOf(score)]++;
}

const binOf = (score: number): number => Math.min(BINS - 1, Math.max(0, Math.floor(score * BINS)));

/** The logit of every bin's middle. */
const places = Float64Array.from({ length: BINS }, (_, bin) => logit((bin + 0.5) / BINS));
const [least, most] = [0.5 / BINS, 1 - 0.5 / BINS];

/** Scores beyond the middle of the first and the last bin count as those. */
export const calibrated = (score: number, { slope, offset }: ScoreMap): number =>
  sigmoid(slope * logit(Math.min(most, Math.max(least, score))) + offset);

/** By Newton's method on a convex loss; a step that would not lower it is halved. */
export function fitScores(counts: MatchCounts): ScoreMap {
  let map: ScoreMap = { slope: 1, offset: 0 };
  let loss = lossOf(counts, map);
  for (let iteration = 0; iteration < 50; iteration++) {
    const { slope, offset } = newton(counts, map);
    let [part, next, lower] = [1, map, loss];
    do {
      next = { slope: map.slope - part * slope, offset: map.offset - part * offset };
      lower = lossOf(counts, next);
      part /= 2;
    } while (lower > loss && part > 1e-6);
    if (!(lower < loss)) break;
    [map, loss] = [next, lower];
  }
  return map;
}

/** The negative logarithm of the likelihood and of the prior. */
export function lossOf(counts: MatchCounts, { slope, offset }: ScoreMap): number {
  let loss = ((slope - 1) ** 2 + offset ** 2) / 2;
  for (let bin = 0; bin < BINS; bin++) {
    const z = slope * places[bin] + offset;
    loss += counts[bin] * softplus(-z) + counts[BINS + bin] * softplus(z);
  }
  return loss;
}

/** log(1 + e^z) */
const softplus = (z: number): number => Math.max(z, 0) + Math.log1p(Math.exp(-Math.abs(z)));

/** H⁻¹ g of the loss. */
function newton(counts: MatchCounts, { slope, offset }: ScoreMap): ScoreMap {
  let [ga, gb, haa, hab, hbb] = [slope - 1, offset, 1, 0, 1];
  for (let bin = 0; bin < BINS; bin++) {
    const [matches, all] = [counts[bin], counts[bin] + counts[BINS + bin]];
    if (all === 0) continue;
    const x = places[bin];
    const p = sigmoid(slope * x + offset);
    const [residual, curvature] = [all * p - matches, all * p * (1 - p)];
    ga += residual * x;
    gb += residual;
    haa += curvature * x * x;
    hab += curvature * x;
    hbb += curvature;
  }
  const determinant = haa * hbb - hab * hab;
  return { slope: (hbb * ga - hab * gb) / determinant, offset: (haa * gb - hab * ga) / determinant };
}
