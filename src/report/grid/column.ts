// One column of a table: each method's mean and spread over folds and seeds, and which methods are best by paired tests.

import { holm, meanAndSd, pairedTest } from "../statistics/paired-test.ts";
import type { GridMetric } from "./metrics.ts";
import { type GridRuns, type Keep, pairedDifferences, runsOf, unitKey } from "./runs.ts";

/** Below it two methods are told apart. */
export const ALPHA = 0.05;

export interface ColumnCell {
  readonly method: string;
  /** Runs, each a fold with a seed. */
  readonly n: number;
  /** NaN without runs. */
  readonly mean: number;
  /** Of the sample; NaN with fewer than two runs. */
  readonly sd: number;
  /** "best": better than every other method; "tied": the best mean, or not told apart from it. */
  readonly mark: "best" | "tied" | null;
}

/** The method with the best mean against one other, over the units that both have. */
export interface ColumnTest {
  readonly best: string;
  readonly other: string;
  readonly n: number;
  readonly difference: number;
  readonly p: number;
  /** p by Holm for the number of other methods. */
  readonly pHolm: number;
}

export interface Column {
  readonly cells: readonly ColumnCell[];
  readonly tests: readonly ColumnTest[];
}

/** By unit; runs without the value are left out. */
export type Sample = ReadonlyMap<string, number>;

export function sampleOf(runs: GridRuns, metric: Pick<GridMetric, "of">, place: { method: string; keep: Keep }): Sample {
  return new Map(
    runsOf(runs, place).flatMap((run) => {
      const value = metric.of(run);
      return value === null ? [] : [[unitKey(run), value] as const];
    }),
  );
}

/** The column of `metric` at `keep`, its methods in the grid's order. */
export function columnOf(runs: GridRuns, metric: GridMetric, keep: Keep): Column {
  const samples = runs.methods.map(({ name }) => ({ name, sample: sampleOf(runs, metric, { method: name, keep }) }));
  return compareSamples(samples, metric.better);
}

export function compareSamples(
  samples: readonly { readonly name: string; readonly sample: Sample }[],
  better: GridMetric["better"],
): Column {
  const sign = better === "lower" ? -1 : 1;
  const cells = samples.map(({ name, sample }) => ({ method: name, n: sample.size, ...meanAndSd([...sample.values()]) }));
  const most = Math.max(0, ...cells.map(({ n }) => n));
  // A mean over fewer folds is another mean: only methods with all of them can have the best.
  const complete = cells.filter(({ n }) => n === most && n > 0).sort((a, b) => sign * (b.mean - a.mean));
  const best = samples.find(({ name }) => name === complete[0]?.method);
  const others = samples.filter(({ name, sample }) => name !== best?.name && sample.size > 0);
  if (!best || better === null || others.length === 0)
    return { cells: cells.map((cell) => ({ ...cell, mark: null })), tests: [] };

  const raw = others.map(({ sample }) => pairedTest(pairedDifferences(sample, best.sample)));
  const corrected = holm(raw.map(({ p }) => p));
  const tests = others.map(
    ({ name }, i): ColumnTest => ({
      best: best.name,
      other: name,
      n: raw[i].n,
      difference: raw[i].mean,
      p: raw[i].p,
      pHolm: corrected[i],
    }),
  );
  const tied = new Set(tests.filter(({ pHolm }) => pHolm >= ALPHA).map(({ other }) => other));
  const markOf = (name: string): ColumnCell["mark"] => {
    if (name === best.name) return tied.size === 0 ? "best" : "tied";
    return tied.has(name) ? "tied" : null;
  };
  return { cells: cells.map((cell) => ({ ...cell, mark: markOf(cell.method) })), tests };
}
