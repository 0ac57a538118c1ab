// Whether two methods differ, judged by the differences of their runs on the same fold, rate and seed.

import { meanAndSd } from "./spread.ts";
import { studentTail } from "./student-t.ts";

/** Up to this many pairs, every way of flipping the signs of the differences is tried; with more, Student's t is used. */
export const EXACT_PAIRS = 12;

export interface PairedTest {
  readonly n: number;
  /** Mean difference. */
  readonly mean: number;
  /** Two-sided. 1 without pairs. */
  readonly p: number;
}

/**
 * Tests whether the differences have mean 0: up to `EXACT_PAIRS` of them by the exact sign-flip permutation test (Fisher, The
 * Design of Experiments, 1935, section 21), which assumes only that each sign could as well be the other one; with more by the
 * paired t test.
 */
export function pairedTest(differences: readonly number[]): PairedTest {
  const n = differences.length;
  if (n === 0) return { n, mean: 0, p: 1 };
  const { mean, sd } = meanAndSd(differences);
  if (n <= EXACT_PAIRS) return { n, mean, p: signFlipP(differences) };
  return { n, mean, p: mean === 0 ? 1 : studentTail((mean * Math.sqrt(n)) / sd, n - 1) };
}

/** The share of all 2ⁿ sign patterns whose sum is as far from 0 as the given one, or farther. */
function signFlipP(differences: readonly number[]): number {
  const n = differences.length;
  const given = Math.abs(differences.reduce((sum, d) => sum + d, 0));
  const rounding = 1e-12 * differences.reduce((sum, d) => sum + Math.abs(d), 0);
  let asFar = 0;
  for (let pattern = 0; pattern < 2 ** n; pattern++) {
    let sum = 0;
    for (let i = 0; i < n; i++) sum += pattern & (1 << i) ? -differences[i] : differences[i];
    if (Math.abs(sum) >= given - rounding) asFar++;
  }
  return asFar / 2 ** n;
}

/** The differences b − a over the units that both samples have. */
export function pairedDifferences(a: ReadonlyMap<string, number>, b: ReadonlyMap<string, number>): number[] {
  return [...b].flatMap(([unit, value]) => (a.has(unit) ? [value - (a.get(unit) as number)] : []));
}

/** The smallest p that `pairedTest` can give for n pairs. */
export const smallestP = (n: number): number => (n > EXACT_PAIRS ? 0 : n === 0 ? 1 : 2 / 2 ** n);

/** p values corrected for their number (Holm, Scand. J. Statist. 6, 1979), in the order given. */
export function holm(ps: readonly number[]): number[] {
  const order = ps.map((_, i) => i).sort((a, b) => ps[a] - ps[b]);
  const corrected: number[] = [];
  let largest = 0;
  order.forEach((i, rank) => {
    largest = Math.max(largest, Math.min(1, (ps.length - rank) * ps[i]));
    corrected[i] = largest;
  });
  return corrected;
}
