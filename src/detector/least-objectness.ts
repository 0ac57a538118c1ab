// The probability that a proposal needs. Most proposals are of what is no cell, and the second stage takes most of the time of a
// detection; but below which probability hardly any of them becomes a cell depends on what the first stage has learned.

/** What is found, and in which proposal. */
export interface FoundInProposal {
  /** 0 … 1 */
  readonly score: number;
  /** 0 … 1: the probability of the proposal. */
  readonly objectness: number;
}

/** Scores are probabilities, so their sum is the number of cells. This part of it may lose its proposals … */
const PART = 0.01;
/** … where at least so many cells are expected; fewer do not tell. */
const FEWEST = 50;
/** To trust the first stage further would save little. */
const MOST = 0.3;

/**
 * The limit, a multiple of 0.01 up to 0.3, below which the proposals of at most one in a hundred of the cells lie; 0 where fewer than
 * 50 cells are expected.
 *
 * @example
 * const least = leastObjectness(Array.from(scores, (score, k) => ({ score, objectness: objectness[k] })));
 */
export function leastObjectness(found: readonly FoundInProposal[]): number {
  const cells = found.reduce((sum, { score }) => sum + score, 0);
  if (cells < FEWEST) return 0;
  let lost = 0;
  for (const { score, objectness } of found.toSorted((a, b) => a.objectness - b.objectness)) {
    lost += score;
    if (lost > PART * cells) return Math.min(MOST, Math.floor(100 * objectness) / 100);
  }
  return MOST;
}
