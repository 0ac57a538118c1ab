// How often values fall between equal steps: the numbers behind a histogram.

/** Values from `from` to below `to`. */
export interface Bin {
  readonly from: number;
  readonly to: number;
  readonly count: number;
}

const MOST = 30; // bins: as many as a small panel can show

/** Edges of at most 30 bins over all values: steps of 1, 2 or 5 times a power of ten, not below 1. None without values. */
export function binEdges(values: readonly number[]): number[] {
  if (values.length === 0) return [];
  const [low, high] = values.reduce(([low, high], value) => [Math.min(low, value), Math.max(high, value)], [Infinity, -Infinity]);
  const power = 10 ** Math.max(0, Math.floor(Math.log10((high - low) / MOST)));
  const bins = (step: number): number => Math.floor(high / step) - Math.floor(low / step) + 1;
  const step = [1, 2, 5, 10, 20].map((factor) => factor * power).find((step) => bins(step) <= MOST) as number;
  return Array.from({ length: bins(step) + 1 }, (_, i) => (Math.floor(low / step) + i) * step);
}

/** How many of the values, which must lie within the edges, fall into each bin. */
export function binned(values: readonly number[], edges: readonly number[]): Bin[] {
  const counts = new Array<number>(Math.max(0, edges.length - 1)).fill(0);
  for (const value of values) counts[Math.floor((value - edges[0]) / (edges[1] - edges[0]))]++;
  return counts.map((count, i) => ({ from: edges[i], to: edges[i + 1], count }));
}
