// How many of the cells are marked, counted among what a detector finds on its training images. Marks are taken to be a fair sample
// of the cells. Of the detections that score best nearly all are cells, marked or not, and the part of them that is marked is the
// completeness; further down, places that are not cells make it smaller. So it is the largest such part, which grows more certain
// the more of the marks are among the detections: with all of them it would be exact. The part is taken where it is largest less
// four standard errors (after the best bin estimation of Garg et al., NeurIPS 2021, https://arxiv.org/abs/2111.00980, here with
// the error of a sample without replacement).
//
// A detector that has learned its marks by heart scores them above the other cells, and the part rises; so it is counted early
// (completeness.ts).

import { withOdds } from "../logistic.ts";
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

/** Odds of scores are changed by at most this factor, or its inverse. */
const MOST = 100;

/**
 * Scores are made right among so many times as many detections as there are cells, the best of them. Nearly all cells are there.
 * Faint detections are not: where cells are rare there are many, and they would add up to more than the cells.
 */
const AMONG = 1.5;

/**
 * The factor of the odds of all scores after which those of the best detections add up to as many cells as are found there: the
 * marks among them, over the `part` of the cells that is marked. So the scores are right on average (calibration in the large).
 *
 * @example
 * const cells = [0.9, 0.8, 0.7].map((score, k) => ({ image: 0, label: 1, score, isMarked: k === 0, weight: 1 }));
 * scoreOdds({ cells, marks: 1 }, 0.5); // 0.48: 0.81, 0.66 and 0.53 make 2
 */
export function scoreOdds({ cells }: Found, part: number): number {
  const cellsAmong = (some: readonly FoundCell[]): number =>
    some.reduce((sum, { isMarked, weight }) => sum + (isMarked ? weight : 0), 0) / part;
  const best = bestOf(cells, AMONG * cellsAmong(cells));
  const expected = cellsAmong(best);
  const sumOf = (factor: number): number => best.reduce((sum, { score, weight }) => sum + weight * withOdds(score, factor), 0);
  let [low, high] = [-Math.log(MOST), Math.log(MOST)];
  for (let halving = 0; halving < 40; halving++) {
    const middle = (low + high) / 2;
    if (sumOf(Math.exp(middle)) < expected) low = middle;
    else high = middle;
  }
  return Math.exp(high);
}

/** The detections of the best scores: as many as make `count`, and with at least three marks. */
function bestOf(cells: readonly FoundCell[], count: number): readonly FoundCell[] {
  const ranked = [...cells].sort((a, b) => b.score - a.score);
  let [standsFor, marks] = [0, 0];
  const end = ranked.findIndex(({ isMarked, weight }) => {
    if (standsFor >= count && marks >= FEWEST_FOUND) return true;
    standsFor += weight;
    marks += Number(isMarked);
    return false;
  });
  return end === -1 ? ranked : ranked.slice(0, end);
}
