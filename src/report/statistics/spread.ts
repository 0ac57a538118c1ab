// The middle and the spread of some values.

import { studentQuantile } from "./student-t.ts";

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
