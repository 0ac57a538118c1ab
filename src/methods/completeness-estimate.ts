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

/** So many times too many or too few detections of score 0.5 or more are too many or too few. */
const FAR_OFF = 4 / 3;

/**
 * The factor of the odds of all scores after which they add up to as many cells as are found: the marks that are found, over the
 * `part` of the cells that is marked. So the scores are right on average (calibration in the large). Where cells are rare, faint
 * detections may be so many that they take up that sum, and hardly any has a score of 0.5: where the detections of score 0.5 or more
 * are then not about as many as the cells, as many are made to be.
 *
 * @example
 * const cells = [0.9, 0.8, 0.7].map((score, k) => ({ image: 0, label: 1, score, isMarked: k === 0, weight: 1 }));
 * scoreOdds({ cells, marks: 1 }, 0.5); // 0.48: 0.81, 0.66 and 0.53 make 2
 */
export function scoreOdds({ cells }: Found, part: number): number {
  const expected = cells.reduce((sum, { isMarked, weight }) => sum + (isMarked ? weight : 0), 0) / part;
  const over = (factor: number, of: (score: number) => number): number =>
    cells.reduce((sum, { score, weight }) => sum + weight * of(withOdds(score, factor)), 0);
  const addingUp = factorFor((factor) => over(factor, (score) => score) >= expected);
  const shown = over(addingUp, isHalf);
  if (shown <= FAR_OFF * expected && expected <= FAR_OFF * shown) return addingUp;
  return factorFor((factor) => over(factor, isHalf) >= expected);
}

const isHalf = (score: number): number => Number(score >= 0.5);

/** The least factor that is enough, by halving. */
function factorFor(isEnough: (factor: number) => boolean): number {
  let [low, high] = [-Math.log(MOST), Math.log(MOST)];
  for (let halving = 0; halving < 40; halving++) {
    const middle = (low + high) / 2;
    if (isEnough(Math.exp(middle))) high = middle;
    else low = middle;
  }
  return Math.exp(high);
}
