// Everything that a report says of a grid, computed once: every column, every difference between methods and between rates, the
// density. Whatever is drawn, written or said reads it.

import { type Column, compareSamples, type Sample } from "../statistics/column.ts";
import { type DensitySummary, densitySummaries } from "./density.ts";
import { type Contrast, contrasts, type Difference, type Drop, differences, drops } from "./differences.ts";
import { atScores, averagePrecisions, byDistance, countErrors, frocPoints, type GridMetric, sideBySide } from "./metrics.ts";
import { type GridRecords, type GridRuns, gridRuns, type Keep, runsOf, unitKey } from "./runs.ts";

export interface GridSummary extends GridRuns {
  /** Each once, though several tables may show it. */
  readonly metrics: readonly GridMetric[];
  /** The column of a metric at a rate: a cell per method, in the grid's order. */
  readonly column: (metric: Pick<GridMetric, "key">, keep: Keep) => Column;
  readonly contrasts: readonly Contrast[];
  /** Of every main measure, contrast and rate. */
  readonly differences: readonly Difference[];
  /** AP and recall of each method; empty for a grid without all annotations and fewer. */
  readonly drops: readonly Drop[];
  /** Empty when no run was probed. */
  readonly density: readonly DensitySummary[];
}

export function summarizeGrid(records: GridRecords): GridSummary {
  const runs = gridRuns(records);
  const shown = [
    ...sideBySide,
    ...atScores,
    ...countErrors,
    ...averagePrecisions,
    ...byDistance(runs.runs),
    ...frocPoints(runs.runs),
  ];
  const metrics = [...new Map(shown.map((metric) => [metric.key, metric])).values()];
  const columns = new Map(
    metrics.map((metric) => [metric.key, new Map(runs.keeps.map((keep) => [keep, columnOf(runs, metric, keep)]))]),
  );
  const column = ({ key }: Pick<GridMetric, "key">, keep: Keep): Column => {
    const found = columns.get(key)?.get(keep);
    if (!found) throw new RangeError(`the summary has no column of ${key} at ${keep}`);
    return found;
  };
  const pairs = contrasts(runs);
  return {
    ...runs,
    metrics,
    column,
    contrasts: pairs,
    differences: differences(runs, column, pairs),
    drops: drops(runs, column),
    density: densitySummaries(runs),
  };
}

function columnOf(runs: GridRuns, metric: GridMetric, keep: Keep): Column {
  const sampleOf = (method: string): Sample =>
    new Map(
      runsOf(runs, { method, keep }).flatMap((run) => {
        const value = metric.of(run);
        return value === null ? [] : [[unitKey(run), value] as const];
      }),
    );
  return compareSamples(
    runs.methods.map(({ name }) => ({ method: name, sample: sampleOf(name) })),
    metric.better,
  );
}
