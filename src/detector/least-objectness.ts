// The probability that a proposal needs. Most proposals are of what is no cell, and the second stage takes most of the time of a
// detection; but below which probability none of them becomes a cell depends on what the first stage has learned.

/** A cell's own proposal, and its score. */
export interface FoundFromProposal {
  /** 0 … 1 */
  readonly score: number;
  /** 0 … 1: the probability of its proposal. */
  readonly objectness: number;
}

/** Fainter ones are hardly cells. */
const LEAST_SCORE = 0.1;
/** Of the cells found, the part that may lose their proposals; a limit of more than MOST would trust the first stage too far. */
const [PART, MOST] = [0.01, 0.3];
/** Fewer say nothing of the faintest hundredth. */
const FEWEST = 200;

/**
 * The limit, a multiple of 0.01 up to 0.3, below which at most one in a hundred of the cells of score 0.1 or more has its proposal;
 * 0 where there are fewer than 200 such cells.
 *
 * @example
 * const least = leastObjectness(Array.from(scores, (score, k) => ({ score, objectness: objectness[k] })));
 */
export function leastObjectness(found: readonly FoundFromProposal[]): number {
  const cells = found.filter(({ score }) => score >= LEAST_SCORE).map(({ objectness }) => objectness);
  if (cells.length < FEWEST) return 0;
  cells.sort((a, b) => a - b);
  return Math.min(MOST, Math.floor(100 * cells[Math.floor(PART * cells.length)]) / 100);
}
