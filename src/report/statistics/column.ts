// One column of a table: each method's mean and spread over its runs, and which methods are best by paired tests.

import { holm, pairedDifferences, pairedTest } from "./paired-test.ts";
import { meanAndSd } from "./spread.ts";

/** Two methods are told apart when the corrected p is below this. */
export const ALPHA = 0.05;

/** The values of one method by the name of the run's unit; two methods are compared over the units that both have. */
export type Sample = ReadonlyMap<string, number>;

export interface ColumnCell {
  readonly method: string;
  /** Number of runs. */
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
  /** p with Holm's correction for the number of other methods. */
  readonly pHolm: number;
}

export interface Column {
  readonly samples: readonly { readonly method: string; readonly sample: Sample }[];
  /** One per sample, in the same order. */
  readonly cells: readonly ColumnCell[];
  readonly tests: readonly ColumnTest[];
}

/** `better` is null where neither direction is: then nothing is marked. */
export function compareSamples(samples: Column["samples"], better: "higher" | "lower" | null): Column {
  const sign = better === "lower" ? -1 : 1;
  const cells = samples.map(({ method, sample }) => ({ method, n: sample.size, ...meanAndSd([...sample.values()]) }));
  const most = Math.max(0, ...cells.map(({ n }) => n));
  // Means over fewer folds do not compare: only methods with all of them can have the best.
  const complete = cells.filter(({ n }) => n === most && n > 0).sort((a, b) => sign * (b.mean - a.mean));
  const best = samples.find(({ method }) => method === complete[0]?.method);
  const others = samples.filter(({ method, sample }) => method !== best?.method && sample.size > 0);
  if (!best || better === null || others.length === 0)
    return { samples, cells: cells.map((cell) => ({ ...cell, mark: null })), tests: [] };

  const raw = others.map(({ sample }) => pairedTest(pairedDifferences(sample, best.sample)));
  const corrected = holm(raw.map(({ p }) => p));
  const tests = others.map(({ method }, i): ColumnTest => {
    const { n, mean, p } = raw[i];
    return { best: best.method, other: method, n, difference: mean, p, pHolm: corrected[i] };
  });
  const tied = new Set(tests.filter(({ pHolm }) => pHolm >= ALPHA).map(({ other }) => other));
  const markOf = (method: string): ColumnCell["mark"] => {
    if (method === best.method) return tied.size === 0 ? "best" : "tied";
    return tied.has(method) ? "tied" : null;
  };
  return { samples, cells: cells.map((cell) => ({ ...cell, mark: markOf(cell.method) })), tests };
}
