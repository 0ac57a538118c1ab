// How many of the cells are marked, counted among what a detector finds on its training images. Marks are taken to be a fair sample
// of the cells. Of the detections that score best nearly all are cells, marked or not, and the part of them that is marked is the
// completeness; further down, places that are not cells make it smaller. So it is the largest such part, which grows more certain
// the more of the marks are among the detections: with all of them it would be exact. The part is taken where it is largest less
// four standard errors (after the best bin estimation of Garg et al., NeurIPS 2021, https://arxiv.org/abs/2111.00980, here with
// the error of a sample without replacement).
//
// A detector that has learned its marks by heart scores them above the other cells, and the part rises. On MBM it still is 11.5 %
// of 10 % after 71 epochs; it is counted early all the same (completeness.ts).

import type { Estimate, Found, FoundCell } from "./calibration.ts";

const STANDARD_ERRORS = 4;
const FEWEST_FOUND = 3; // marks: fewer say nothing
const LEAST = 0.005;

/**
 * Null where fewer than three marks are found.
 *
 * @example
 * // Ten cells, of which one in two is marked, and a place that is not a cell:
 * const cells = [...Array(11).keys()].map((k) => ({ image: 0, label: 1, score: 1 - k / 20, isMarked: k < 10 && k % 2 === 0, weight: 1 }));
 * completenessOf({ cells, marks: 5 })?.part; // 0.56: five of the best nine
 */
export function completenessOf({ cells, marks }: Found): Estimate | null {
  const ranked = [...cells].sort((a, b) => b.score - a.score);
  let [found, marked] = [0, 0];
  let best = { lower: 0, part: 0, score: Number.NaN };
  ranked.forEach(({ score, isMarked, weight }, k) => {
    found += weight;
    if (isMarked) marked += weight;
    if (marked < FEWEST_FOUND || ranked[k + 1]?.score === score) return;
    const missing = Math.max(0, 1 - marked / marks);
    const lower = (marked / found) * (1 - STANDARD_ERRORS * Math.sqrt(missing / marked));
    if (lower > best.lower) best = { lower, part: marked / found, score };
  });
  if (best.lower === 0) return null;
  const error = errorOf(
    ranked.filter(({ score }) => score >= best.score),
    best.part,
  );
  const part = Math.max(LEAST, best.part);
  return { part, low: Math.max(0, part - 2 * error), high: Math.min(1, part + 2 * error) };
}

/** The standard error of the part that is marked, from how much images differ. */
function errorOf(cells: readonly FoundCell[], part: number): number {
  const byImage = new Map<number, { marked: number; all: number }>();
  for (const { image, isMarked, weight } of cells) {
    const counts = byImage.get(image) ?? { marked: 0, all: 0 };
    byImage.set(image, { marked: counts.marked + (isMarked ? weight : 0), all: counts.all + weight });
  }
  const all = cells.reduce((sum, { weight }) => sum + weight, 0);
  const squares = [...byImage.values()].reduce((sum, { marked, all }) => sum + (marked - part * all) ** 2, 0);
  return Math.sqrt(squares) / all;
}

/** Counts are not better known than that. */
const TOLERANCE = 0.01;
/** Odds of scores are changed by at most this factor, or its inverse. */
const MOST = 100;

/**
 * The factor of the odds of all scores that makes as many detections score 0.5 or more as there are cells. Of several such factors
 * the nearest to 1.
 *
 * @example
 * scoreOdds({ cells: [{ score: 0.9, ...rest }, { score: 0.8, ...rest }], marks: 1 }, 1); // 0.18: 0.85 becomes 0.5
 */
export function scoreOdds({ cells }: Pick<Found, "cells">, count: number): number {
  const ranked = [...cells].sort((a, b) => b.score - a.score);
  if (ranked.length === 0) return 1;
  let found = 0;
  let nearest = { error: Math.abs(count), threshold: 1 };
  ranked.forEach(({ score, weight }, k) => {
    found += weight;
    const next = ranked[k + 1]?.score ?? 0;
    if (next === score) return;
    const error = Math.max(0, Math.abs(found - count) - TOLERANCE * count);
    const threshold = next >= 0.5 ? (next + score) / 2 : Math.min(score, 0.5);
    const isNearer = Math.abs(threshold - 0.5) < Math.abs(nearest.threshold - 0.5);
    if (error < nearest.error || (error === nearest.error && isNearer)) nearest = { error, threshold };
  });
  const { threshold } = nearest;
  return Math.min(MOST, Math.max(1 / MOST, (1 - threshold) / threshold));
}
