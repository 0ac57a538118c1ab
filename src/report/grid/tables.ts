// The tables of a grid: a row per method; the columns are the rates, the folds and their mean (the form of the paper's Tables 1 and
// 2), or any measures at one rate.

import { foldCount, keepText } from "../../runs/grid.ts";
import type { Table, TableCell } from "../document/document.ts";
import { capital, formatMean } from "../document/words.ts";
import { ALPHA, type Column, type ColumnCell } from "../statistics/column.ts";
import { EXACT_PAIRS, smallestP } from "../statistics/paired-test.ts";
import { meanAndSd, rangeText } from "../statistics/spread.ts";
import { ap, type GridMetric, paperMetrics, recall } from "./metrics.ts";
import { type PaperMetric, paperValue } from "./paper-tables.ts";
import { foldsAndSeeds, type Keep, keepInWords, runsOf } from "./runs.ts";
import type { GridSummary } from "./summary.ts";

/** Over all detections, by rate. */
export function rateTable(summary: GridSummary, metric: GridMetric): Table {
  const columns = summary.keeps.map((keep) => summary.column(metric, keep));
  return {
    title: `${capital(metric.label)} (%) by the share of the annotations that is kept, over all detections`,
    rowHead: "annotations kept",
    columns: summary.keeps.map((keep) => ({ label: keepText(keep) })),
    rows: summary.methods.map(({ name, label, index }, row) => ({
      label,
      method: index,
      cells: columns.map(({ cells }, i) => {
        const paper = paperOf(summary, { metric: metric.key, method: name, keep: summary.keeps[i] });
        return { ...meanCell(metric, cells, row), ...(paper && { below: paper }) };
      }),
    })),
    notes: [spreadNote(summary, columns), ...testNotes(columns), ...paperNote(summary)],
  };
}

/** Tables 1 and 2. */
export function foldTable(summary: GridSummary, keep: Keep): Table {
  const folds = Array.from({ length: summary.grid.folds }, (_, fold) => fold);
  const metrics = [recall, ap];
  const means = metrics.map((metric) => summary.column(metric, keep));
  const seeds = summary.grid.seeds.length;
  const table = { "1": " (form of the paper’s Table 1)", "one-per-image": " (form of the paper’s Table 2)" }[keep] ?? "";
  return {
    title: `Recall and AP (%) by fold, training with ${keepInWords(keep)}${table}`,
    rowHead: "method",
    columns: [...folds.map((fold) => `fold ${fold + 1}`), "mean"].flatMap((group) =>
      metrics.map(({ label }) => ({ group, label })),
    ),
    rows: summary.methods.map(({ name, label, index }, row) => {
      const ofMethod = runsOf(summary, { method: name, keep });
      const byFold = folds.flatMap((fold) =>
        metrics.map((metric): TableCell => {
          const values = ofMethod.filter(({ unit }) => unit.fold === fold).map((run) => metric.of(run) ?? Number.NaN);
          const paper = paperOf(summary, { metric: metric.key, method: name, keep, fold });
          return { text: spread(metric, meanAndSd(values)), ...(paper && { below: paper }) };
        }),
      );
      const mean = metrics.map((metric, i): TableCell => {
        const paper = paperOf(summary, { metric: metric.key, method: name, keep });
        return { ...meanCell(metric, means[i].cells, row), ...(paper && { below: paper }) };
      });
      return { label, method: index, cells: [...byFold, ...mean] };
    }),
    notes: [
      `A fold: ${seeds === 1 ? "one run" : `mean ± standard deviation of ${seeds} seeds`}. ${spreadNote(summary, means)}`,
      ...testNotes(means),
      ...paperNote(summary),
      ...(summary.grid.paperDataset ? ["Which images made up the paper’s folds is unknown: only its means compare."] : []),
    ],
  };
}

/** Any measures at one rate; `tested` marks the best of each column. */
export function measureTable(
  summary: GridSummary,
  { keep, metrics, title, notes = [], tested = false }: MeasureTableOptions,
): Table {
  const columns = metrics.map((metric) => summary.column(metric, keep));
  return {
    title,
    rowHead: "method",
    columns: metrics.map(({ group, label }) => ({ ...(group && { group }), label })),
    rows: summary.methods.map(({ label, index }, row) => ({
      label,
      method: index,
      cells: metrics.map((metric, i) => {
        const cell = meanCell(metric, columns[i].cells, row);
        return tested ? cell : { ...cell, mark: null };
      }),
    })),
    notes: [spreadNote(summary, columns), ...(tested ? testNotes(columns) : []), ...notes],
  };
}

export interface MeasureTableOptions {
  readonly keep: Keep;
  readonly metrics: readonly GridMetric[];
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

/** The number of runs behind the means. */
function spreadNote({ grid }: GridSummary, columns: readonly Column[]): string {
  const all = columns.flatMap(({ cells }) => cells.map(({ n }) => n)).filter((n) => n > 0);
  if (all.length === 0) return "No run is finished.";
  const [least, most] = [Math.min(...all), Math.max(...all)];
  const whole = foldCount(grid) * grid.seeds.length;
  const n = `n = ${rangeText(all)} run${most === 1 ? "" : "s"}`;
  const of = most === whole && least === most ? foldsAndSeeds(grid) : `of ${whole}, ${foldsAndSeeds(grid)}`;
  return most === 1 ? `${n} (${of}): no spread.` : `Mean ± standard deviation of ${n} (${of}).`;
}

/** What the marks mean, and whether they can mean anything with so few summary. */
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
  const meaning = `Bold: better than every other method of its column; underlined: the best mean, and those not told apart from it (${how} over the same folds and seeds, two-sided, Holm’s correction for ${others} other method${others === 1 ? "" : "s"}, 5 %).`;
  if (smallest < ALPHA) return [`${meaning} Runs share images, so p values tend to be too small.`];
  return [
    `${meaning} With ${most} pair${most === 1 ? "" : "s"} there are ${2 ** most} ways to flip the signs, and the smallest corrected p is ${formatP(smallest)}: no difference can be significant, so everything is tied.`,
  ];
}

const formatP = (p: number): string => (p < 0.001 ? "below 0.001" : String(Number(p.toPrecision(2))));

function paperOf(
  { grid }: GridSummary,
  { metric, method, keep, fold }: { metric: string; method: string; keep: Keep; fold?: number },
) {
  if (!grid.paperDataset || !paperMetrics.some(({ key }) => key === metric)) return undefined;
  const value = paperValue({ dataset: grid.paperDataset, metric: metric as PaperMetric, method, keep, fold });
  return value === null ? undefined : `paper ${(100 * value).toFixed(1)}`;
}

const paperNote = ({ grid }: GridSummary): string[] =>
  grid.paperDataset ? ["“paper”: the value that Li et al. 2021 print for the same dataset, method and rate."] : [];
