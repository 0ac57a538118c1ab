// Differences of runs on the same fold and seed. Between methods: is BDE more than a smaller weight? BDE against the plain
// detector and against the controls that weigh the background as much, but not by density. Between rates: what does each method
// lose when annotations are hidden?

import type { Column } from "../statistics/column.ts";
import { pairedDifferences, pairedTest } from "../statistics/paired-test.ts";
import { interval95 } from "../statistics/spread.ts";
import { ap, type GridMetric, mainMetrics, recall } from "./metrics.ts";
import { type PaperMetric, paperDrop } from "./paper-tables.ts";
import type { GridMethod, GridRuns, Keep } from "./runs.ts";

const SUBJECT = "bde";
const CONTROLS = ["constant-weight", "shuffled-energy", "fpn"];

/** Two methods to compare. */
export interface Contrast {
  readonly method: GridMethod;
  readonly minus: GridMethod;
  /** "BDE − constant weight" */
  readonly label: string;
}

export interface Difference {
  readonly method: string;
  readonly minus: string;
  readonly keep: Keep;
  readonly metric: string;
  readonly n: number;
  readonly mean: number;
  /** 95 %, Student's t; null with fewer than two pairs. */
  readonly interval: readonly [low: number, high: number] | null;
  /** Of `pairedTest`, not corrected. */
  readonly p: number;
  readonly values: readonly number[];
}

/** What a method loses from all annotations to the fewest. */
export interface Drop {
  readonly method: string;
  readonly metric: string;
  readonly from: Keep;
  readonly to: Keep;
  readonly n: number;
  readonly full: number;
  readonly sparse: number;
  readonly mean: number;
  readonly interval: readonly [low: number, high: number] | null;
  /** The paper's, on its own dataset. */
  readonly paper: number | null;
}

export type ColumnOf = (metric: Pick<GridMetric, "key">, keep: Keep) => Column;

export function contrasts({ methods }: GridRuns): Contrast[] {
  const subjects = methods.filter(({ id }) => id === SUBJECT);
  const controls = CONTROLS.flatMap((control) => methods.filter(({ id }) => id === control));
  return subjects.flatMap((method) =>
    controls.map((minus) => ({
      method,
      minus,
      label: [method, minus].map(({ label }) => label.replace(/^FPN \+ /, "")).join(" − "),
    })),
  );
}

/** Of every main measure, contrast and rate. */
export function differences({ keeps }: GridRuns, column: ColumnOf, pairs: readonly Contrast[]): Difference[] {
  return mainMetrics.flatMap((metric) =>
    pairs.flatMap(({ method, minus }) =>
      keeps.map((keep) => {
        const { samples } = column(metric, keep);
        const values = pairedDifferences(samples[minus.index].sample, samples[method.index].sample);
        const { n, mean, p } = pairedTest(values);
        return {
          method: method.name,
          minus: minus.name,
          keep,
          metric: metric.key,
          n,
          mean,
          interval: interval95(values),
          p,
          values,
        };
      }),
    ),
  );
}

/** Empty for a grid without both ends: all annotations, and fewer. */
export function drops({ methods, keeps }: GridRuns, column: ColumnOf): Drop[] {
  const [to] = keeps;
  if (to === 1 || !keeps.includes(1)) return [];
  return methods.flatMap(({ name, index }) =>
    [ap, recall].map((metric): Drop => {
      const [full, sparse] = ([1, to] as const).map((keep) => column(metric, keep).samples[index].sample);
      const both = [...sparse.keys()].filter((unit) => full.has(unit));
      const mean = (sample: typeof full) => both.reduce((sum, unit) => sum + (sample.get(unit) as number), 0) / both.length;
      return {
        method: name,
        metric: metric.key,
        from: 1,
        to,
        n: both.length,
        full: mean(full),
        sparse: mean(sparse),
        mean: mean(sparse) - mean(full),
        interval: interval95(pairedDifferences(full, sparse)),
        paper: paperDrop(paperDatasetOf(to), metric.key as PaperMetric, name),
      };
    }),
  );
}

/** The paper's dataset with the same two ends. */
export const paperDatasetOf = (to: Keep) => (to === "one-per-image" ? "mitos-atypia-14" : "ki67");
