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
export function completenessOf({ cells, marks }: Found, times: Float64Array = EVERYWHERE): Estimate | null {
  const ranked = [...cells].sort((a, b) => b.score - a.score);
  const best = bestPart(ranked, marks);
  if (best === null) return null;
  const surest = ranked.filter(({ score }) => score >= best.score);
  const nearer = sum(surest, ({ distance }) => times[distanceGroup(distance)]) / sum(surest);
  const part = Math.min(1, Math.max(LEAST, best.part / nearer));
  const error = errorOf(surest, best.part) / nearer;
  return { part, low: Math.max(0, part - 2 * error), high: Math.min(1, part + 2 * error) };
}

/** Of cells by score the part that is marked down to the `score` where it is largest, its uncertainty considered. */
function bestPart(ranked: readonly FoundCell[], marks: number): { readonly part: number; readonly score: number } | null {
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
  return best.lower === 0 ? null : best;
}

/** Distances from which a cell is of the next group, in sides of the nearest marked cell; half as far again each. */
const LIMITS = Array.from({ length: 7 }, (_, k) => 1.5 ** (k + 1));

/** What each group has besides, marked as all cells are: small, because where people don't look no cell is marked. */
const MORE_MARKS = 1;

/**
 * Twice the logarithm of how many times likelier the groups' parts make the marks than one part for all, from which on the groups are
 * believed. No draw of marks at random in the tests reaches it.
 */
const EVIDENCE = 30;

/** Only detections as sure as this part of the marks that are found. */
const MARKS_ABOVE = 0.9;

export const distanceGroups = LIMITS.length + 1;

/** Cells are as complete at each distance. */
export const EVERYWHERE: Float64Array = new Float64Array(distanceGroups).fill(1);

const sum = (cells: readonly FoundCell[], of: (cell: FoundCell) => number = () => 1): number =>
  cells.reduce((total, cell) => total + cell.weight * of(cell), 0);

/** Which of the groups, the nearest first. */
export function distanceGroup(distance: number): number {
  const group = LIMITS.findIndex((limit) => distance < limit);
  return group < 0 ? LIMITS.length : group;
}

/**
 * How many times as complete as all cells those are that lie so far from the nearest marked cell: one number for each group of
 * distances. Whoever marks one corner of an image, a cluster, or some of the images, leaves nearly all
 * cells beside a mark marked, and none far from one; 1 unless that is beyond doubt. The farther, the less, never more: on an image with a single mark that has no
 * other one near, and the cells without a mark have.
 */
export function completenessByDistance({ cells }: Found): Float64Array {
  const scores = cells.filter(({ isMarked }) => isMarked).map(({ score }) => score);
  if (scores.length < FEWEST_FOUND) return EVERYWHERE;
  const least = scores.sort((a, b) => b - a)[Math.ceil(MARKS_ABOVE * scores.length) - 1];
  const some = cells.filter(({ score }) => score >= least);
  const part = sum(some.filter(({ isMarked }) => isMarked)) / sum(some);
  const groups = Array.from({ length: distanceGroups }, () => ({ marked: 0, all: 0 }));
  for (const { distance, isMarked, weight } of some) {
    const group = groups[distanceGroup(distance)];
    group.all += weight;
    if (isMarked) group.marked += weight;
  }
  const parts = neverMore(groups.map(({ marked, all }) => ({ marked: marked + MORE_MARKS, all: all + MORE_MARKS / part })));
  return evidence(groups, parts, part) < EVIDENCE ? EVERYWHERE : parts.map((ofGroup) => ofGroup / part);
}

/** Twice the logarithm of the ratio of likelihoods. */
function evidence(
  groups: readonly { readonly marked: number; readonly all: number }[],
  parts: Float64Array,
  part: number,
): number {
  const gain = (count: number, now: number, before: number): number => (count === 0 ? 0 : 2 * count * Math.log(now / before));
  return groups.reduce(
    (total, { marked, all }, k) => total + gain(marked, parts[k], part) + gain(all - marked, 1 - parts[k], 1 - part),
    0,
  );
}

/** The parts nearest to those of the groups that do not rise (pool adjacent violators: Ayer et al. 1955). */
function neverMore(groups: readonly { readonly marked: number; readonly all: number }[]): Float64Array {
  const pools: { marked: number; all: number; groups: number }[] = [];
  for (const { marked, all } of groups) {
    let pool = { marked, all, groups: 1 };
    for (let last = pools.at(-1); last && last.marked * pool.all <= pool.marked * last.all; last = pools.at(-1)) {
      pools.pop();
      pool = { marked: pool.marked + last.marked, all: pool.all + last.all, groups: pool.groups + last.groups };
    }
    pools.push(pool);
  }
  return Float64Array.from(pools.flatMap(({ marked, all, groups: count }) => Array<number>(count).fill(marked / all)));
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
