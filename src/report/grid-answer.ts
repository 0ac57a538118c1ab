// The answer of a grid in a few plain sentences. Every word follows from the numbers: what was not measured is not said.

import { ALPHA, columnOf, type Column } from "./grid-column.ts";
import { contrasts, differenceOf, drops } from "./grid-differences.ts";
import { ap, f1AtHalf, formatMean, formatPoints, type GridMetric, paperMetrics } from "./grid-metrics.ts";
import { type GridRuns, type Keep, keepInWords, keepLabel } from "./grid-runs.ts";

export function gridAnswer(runs: GridRuns): string[] {
  if (runs.runs.length === 0) return ["No run of this grid is finished yet."];
  const [lowest] = runs.keeps;
  return [
    `Training with ${keepInWords(lowest)}: ${paperMetrics.map((metric) => bestSentence(runs, metric, lowest)).join(" ")}`,
    ...dropSentence(runs),
    ...contrastSentence(runs, lowest),
  ];
}

function bestSentence(runs: GridRuns, metric: GridMetric, keep: Keep): string {
  const column = columnOf(runs, metric, keep);
  const ranked = column.cells
    .filter(({ n }) => n > 0)
    .map((cell) => ({ ...cell, label: labelOf(runs, cell.method) }))
    .sort((a, b) => b.mean - a.mean);
  if (ranked.length === 0) return `no run for ${metric.label} yet.`;
  const list = ranked.map(({ label, mean }) => `${label} ${formatMean(metric, mean)} %`).join(", ");
  return `${metric.label} ${list}${verdict(runs, column)}.`;
}

function verdict(runs: GridRuns, { tests }: Column): string {
  if (tests.length === 0) return "";
  const best = labelOf(runs, tests[0].best);
  const tied = tests.filter(({ pHolm }) => pHolm >= ALPHA);
  if (tied.length === 0) return `; paired tests tell ${best} from every other`;
  if (tied.length === tests.length) return `; paired tests tell ${best} from none of the others`;
  return `; paired tests do not tell ${best} from ${tied.map(({ other }) => labelOf(runs, other)).join(", ")}`;
}

function dropSentence(runs: GridRuns): string[] {
  const all = drops(runs).filter(({ metric, n }) => metric === ap.key && n > 0);
  if (all.length === 0) return [];
  const list = all.map(({ method, mean }) => `${labelOf(runs, method)} ${formatPoints(mean)}`).join(", ");
  return [`Change in AP from all annotations to ${keepInWords(all[0].to)}, in percentage points: ${list}.`];
}

function contrastSentence(runs: GridRuns, keep: Keep): string[] {
  const parts = contrasts(runs).flatMap((pair) => {
    const [inAp, inF1] = [ap, f1AtHalf].map((metric) => differenceOf(runs, { ...pair, metric, keep }));
    if (inAp.n === 0) return [];
    const text = ({ mean, interval }: typeof inAp) =>
      `${formatPoints(mean)}${interval ? ` (${interval.map(formatPoints).join(" to ")})` : ""}`;
    return [`${pair.method.label} − ${pair.minus.label}: AP ${text(inAp)}, F1 at score 0.5 ${text(inF1)}`];
  });
  if (parts.length === 0) return [];
  return [`Paired differences at ${keepLabel(keep)}, in points with 95 % intervals: ${parts.join("; ")}.`];
}

const labelOf = ({ methods }: GridRuns, name: string): string => methods.find((method) => method.name === name)?.label ?? name;

/** What is missing or failed; empty for a whole grid. */
export function gridWarnings({ runs, failed, total }: GridRuns): string[] {
  const missing = runs.length < total ? [`${runs.length} of ${total} runs are finished: what follows is of these alone.`] : [];
  return [...missing, ...failed.map(({ run, message }) => `failed: ${run}: ${message}`)];
}
