// What a training is told by the answers before it: how many of the cells are marked. It would count that itself (docs/background/method.md),
// but it counts marks that are missing at random, and answers are not: where the queue asks, marks are dense, and among the surest
// detections, which it asks about least, they are few. Then it would take many more cells for hidden than are, and score all too high.

import type { Interval } from "../api.ts";

/** Below this, background would hardly be learned. */
const LEAST = 0.02;

/** As --method. `cells`: how many there are where it learns; null leaves the counting to the training. */
export function methodTold(marks: number, cells: Interval | null): string | null {
  if (cells === null || cells.value <= 0) return null;
  return `completeness:c=${Math.min(1, Math.max(LEAST, marks / cells.value)).toFixed(3)}`;
}

/** A training's own count is less sure than it says, for it knows how images differ, not how marks were chosen: a deviation of a quarter. */
const OF_A_COUNT = 0.25;
const Z = 1.96; // an interval holds 95 %

/** How many cells there are, from the part that is marked as a training of these marks has counted it. */
export function cellsCounted(marks: number, { part, low, high }: { part: number; low: number; high: number }): Interval | null {
  if (marks === 0 || part <= 0) return null;
  const deviation = Math.hypot(OF_A_COUNT, Math.log(Math.max(high, part) / Math.max(low, part / 10)) / (2 * Z));
  const value = marks / part;
  return { value, low: value * Math.exp(-Z * deviation), high: value * Math.exp(Z * deviation) };
}

/**
 * One from several estimates of the same number, each weighed by how sure it is, on the scale of the logarithm: each round draws
 * other suspects, and the cells stay as many as they are.
 */
export function together(estimates: readonly Interval[]): Interval | null {
  const known = estimates.filter(({ value, low }) => value > 0 && low > 0);
  if (known.length === 0) return null;
  const weighed = known.map(({ value, low, high }) => {
    const deviation = Math.max(0.02, Math.log(high / low) / (2 * Z));
    return { log: Math.log(value), weight: 1 / deviation ** 2 };
  });
  const sum = weighed.reduce((total, { weight }) => total + weight, 0);
  const value = Math.exp(weighed.reduce((total, { log, weight }) => total + log * weight, 0) / sum);
  const factor = Math.exp(Z / Math.sqrt(sum));
  return { value, low: value / factor, high: value * factor };
}
