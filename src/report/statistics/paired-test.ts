// Whether two methods differ, judged by the differences of their runs on the same fold, rate and seed.

import { studentQuantile, studentTail } from "./student-t.ts";

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

/** The 95 % interval of the mean by Student's t; null with fewer than two values. */
export function interval95(values: readonly number[]): readonly [low: number, high: number] | null {
  const n = values.length;
  if (n < 2) return null;
  const { mean, sd } = meanAndSd(values);
  const half = (studentQuantile(0.95, n - 1) * sd) / Math.sqrt(n);
  return [mean - half, mean + half];
}

/** Mean and standard deviation of a sample (n − 1); NaN where there are too few values. */
export function meanAndSd(values: readonly number[]): { mean: number; sd: number } {
  const n = values.length;
  const mean = values.reduce((sum, value) => sum + value, 0) / n;
  return { mean, sd: n < 2 ? Number.NaN : Math.sqrt(values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / (n - 1)) };
}

/** The middle value, of an even number the higher of the two; NaN without values. */
export const median = (values: readonly number[]): number => values.toSorted((a, b) => a - b)[values.length >> 1] ?? Number.NaN;

/** "3", or "2 to 3": the range of numbers of runs; "0" without any. */
export function rangeText(counts: readonly number[]): string {
  if (counts.length === 0) return "0";
  const [least, most] = [Math.min(...counts), Math.max(...counts)];
  return least === most ? String(most) : `${least} to ${most}`;
}
