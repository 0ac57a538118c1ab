// The tables of a grid in the paper's form: a row a method; columns the rates (Tables 3 and 4), or the folds and their mean
// (Tables 1 and 2), or any measures at one rate.

import type { Table, TableCell } from "../document/document.ts";
import { EXACT_PAIRS, meanAndSd, smallestP } from "../statistics/paired-test.ts";
import { ALPHA, type Column, type ColumnCell, columnOf } from "./column.ts";
import { ap, capital, formatMean, type GridMetric, paperMetrics, recall } from "./metrics.ts";
import { type PaperMetric, paperValue } from "./paper-tables.ts";
import { foldsAndSeeds, type GridRuns, type Keep, keepInWords, keepLabel, runsOf } from "./runs.ts";

/** Tables 3 and 4. */
export function rateTable(runs: GridRuns, metric: GridMetric): Table {
  const columns = runs.keeps.map((keep) => columnOf(runs, metric, keep));
  const tables = { ap: "Table 3", recall: "Table 4" }[metric.key];
  return {
    title: `${capital(metric.label)} (%) by the part of the annotations that is kept${tables ? ` (form of the paper’s ${tables})` : ""}`,
    rowHead: "annotations kept",
    columns: runs.keeps.map((keep) => ({ label: keepLabel(keep) })),
    rows: runs.methods.map(({ name, label, index }, row) => ({
      label,
      method: index,
      cells: columns.map(({ cells }, i) => {
        const paper = paperOf(runs, { metric: metric.key, method: name, keep: runs.keeps[i] });
        return { ...meanCell(metric, cells, row), ...(paper && { below: paper }) };
      }),
    })),
    notes: [spreadNote(runs, columns), ...testNotes(columns), ...paperNote(runs)],
  };
}

/** Tables 1 and 2. */
export function foldTable(runs: GridRuns, keep: Keep): Table {
  const folds = Array.from({ length: runs.grid.folds }, (_, fold) => fold);
  const metrics = [recall, ap];
  const means = metrics.map((metric) => columnOf(runs, metric, keep));
  const seeds = runs.grid.seeds.length;
  const table = { "1": " (form of the paper’s Table 1)", "one-per-image": " (form of the paper’s Table 2)" }[keep] ?? "";
  return {
    title: `Recall and AP (%) by fold, training with ${keepInWords(keep)}${table}`,
    rowHead: "method",
    columns: [...folds.map((fold) => `fold ${fold + 1}`), "mean"].flatMap((group) =>
      metrics.map(({ label }) => ({ group, label })),
    ),
    rows: runs.methods.map(({ name, label, index }, row) => {
      const own = runsOf(runs, { method: name, keep });
      const byFold = folds.flatMap((fold) =>
        metrics.map((metric): TableCell => {
          const values = own.filter(({ unit }) => unit.fold === fold).map((run) => metric.of(run) ?? Number.NaN);
          const paper = paperOf(runs, { metric: metric.key, method: name, keep, fold });
          return { text: spread(metric, meanAndSd(values)), ...(paper && { below: paper }) };
        }),
      );
      const mean = metrics.map((metric, i): TableCell => {
        const paper = paperOf(runs, { metric: metric.key, method: name, keep });
        return { ...meanCell(metric, means[i].cells, row), ...(paper && { below: paper }) };
      });
      return { label, method: index, cells: [...byFold, ...mean] };
    }),
    notes: [
      `A fold: ${seeds === 1 ? "one run" : `mean ± standard deviation of ${seeds} seeds`}. ${spreadNote(runs, means)}`,
      ...testNotes(means),
      ...paperNote(runs),
      ...(runs.grid.paperDataset ? ["Which images made the paper’s folds is not known: only its means compare."] : []),
    ],
  };
}

/** Any measures at one rate; with `tested`, the best of each column are marked. */
export function measureTable(runs: GridRuns, { keep, metrics, title, notes = [], tested = false }: MeasureTableOptions): Table {
  const columns = metrics.map((metric) => columnOf(runs, metric, keep));
  return {
    title,
    rowHead: "method",
    columns: metrics.map(({ group, label }) => ({ ...(group && { group }), label })),
    rows: runs.methods.map(({ label, index }, row) => ({
      label,
      method: index,
      cells: metrics.map((metric, i) => {
        const cell = meanCell(metric, columns[i].cells, row);
        return tested ? cell : { ...cell, mark: null };
      }),
    })),
    notes: [spreadNote(runs, columns), ...(tested ? testNotes(columns) : []), ...notes],
  };
}

export interface MeasureTableOptions {
  readonly keep: Keep;
  readonly metrics: readonly (GridMetric & { readonly group?: string })[];
  readonly title: string;
  readonly notes?: readonly string[];
  readonly tested?: boolean;
}

function meanCell(metric: GridMetric, cells: readonly ColumnCell[], row: number): TableCell {
  const { n, mark } = cells[row];
  const most = Math.max(...cells.map(({ n }) => n));
  return { text: spread(metric, cells[row]), mark, ...(n > 0 && n < most && { below: `n = ${n}` }) };
}

function spread(metric: GridMetric, { mean, sd }: { mean: number; sd: number }): string {
  const text = formatMean(metric, mean);
  return Number.isFinite(sd) ? `${text} ± ${formatMean(metric, sd)}` : text;
}

/** Over how many runs a mean is. */
function spreadNote({ grid }: GridRuns, columns: readonly Column[]): string {
  const all = columns.flatMap(({ cells }) => cells.map(({ n }) => n)).filter((n) => n > 0);
  if (all.length === 0) return "No run is finished.";
  const [least, most] = [Math.min(...all), Math.max(...all)];
  const whole = grid.folds * grid.seeds.length;
  const n = `n = ${least === most ? most : `${least} to ${most}`} run${most === 1 ? "" : "s"}`;
  const of = most === whole && least === most ? foldsAndSeeds(grid) : `of ${whole}, ${foldsAndSeeds(grid)}`;
  return most === 1 ? `${n} (${of}): no spread.` : `Mean ± standard deviation of ${n} (${of}).`;
}

/** What the marks mean, and whether they can mean anything with so few runs. */
function testNotes(columns: readonly Column[]): string[] {
  const tests = columns.flatMap(({ tests }) => tests);
  if (tests.length === 0) return [];
  const pairs = tests.map(({ n }) => n);
  const most = Math.max(...pairs);
  const others = Math.max(...columns.map(({ tests }) => tests.length));
  const smallest = Math.min(1, smallestP(most) * others);
  const how =
    most > EXACT_PAIRS
      ? `paired t test${Math.min(...pairs) <= EXACT_PAIRS ? `, up to ${EXACT_PAIRS} pairs sign-flip permutation test` : ""}`
      : "exact sign-flip permutation test";
  const meaning = `Bold: better than every other method of its column; underlined: the best mean, and what is not told apart from it (${how} over the same folds and seeds, two-sided, Holm’s correction for ${others} other method${others === 1 ? "" : "s"}, 5 %).`;
  if (smallest < ALPHA)
    return [`${meaning} Runs share images with one another, so that p values are rather too small than too large.`];
  return [
    `${meaning} With ${most} pair${most === 1 ? "" : "s"} there are ${2 ** most} ways to flip the signs and the smallest corrected p is ${formatP(smallest)}: no difference can be significant, everything is tied.`,
  ];
}

export const formatP = (p: number): string => (p < 0.001 ? "below 0.001" : String(Number(p.toPrecision(2))));

function paperOf(
  { grid }: GridRuns,
  { metric, method, keep, fold }: { metric: string; method: string; keep: Keep; fold?: number },
) {
  if (!grid.paperDataset || !paperMetrics.some(({ key }) => key === metric)) return undefined;
  const value = paperValue({ dataset: grid.paperDataset, metric: metric as PaperMetric, method, keep, fold });
  return value === null ? undefined : `paper ${(100 * value).toFixed(1)}`;
}

const paperNote = ({ grid }: GridRuns): string[] =>
  grid.paperDataset ? ["“paper”: the value that Li et al. 2021 print for the same dataset, method and rate."] : [];
