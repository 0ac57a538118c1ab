// The answer of a grid in a few plain sentences. Every word follows from the numbers: what was not measured is not said.

import { smallestP } from "../statistics/paired-test.ts";
import { ALPHA, type Column, columnOf } from "./column.ts";
import { contrastLabel, contrasts, differenceOf, drops } from "./differences.ts";
import { ap, f1AtHalf, formatMean, formatPoints, type GridMetric, paperMetrics } from "./metrics.ts";
import { type GridRuns, type Keep, keepInWords, keepLabel } from "./runs.ts";

export function gridAnswer(runs: GridRuns): string[] {
  if (runs.runs.length === 0) return ["No run of this grid is finished yet."];
  const keeps = [...new Set([runs.keeps[0], ...runs.keeps.slice(-1)])];
  return [
    ...keeps.map(
      (keep) => `Trained with ${keepInWords(keep)}: ${paperMetrics.map((metric) => bestText(runs, metric, keep)).join("; ")}.`,
    ),
    ...tooFewSentence(runs, keeps),
    ...dropSentence(runs),
    ...contrastSentence(runs, keeps[0]),
  ];
}

/** Who has the highest mean, the plain detector's, and whether tests tell them apart. */
function bestText(runs: GridRuns, metric: GridMetric, keep: Keep): string {
  const column = columnOf(runs, metric, keep);
  const most = Math.max(0, ...column.cells.map(({ n }) => n));
  const ranked = column.cells.filter(({ n }) => n > 0 && n === most).sort((a, b) => b.mean - a.mean);
  if (ranked.length === 0) return `no run for ${metric.label} yet`;
  const [best, second] = ranked;
  const plain = ranked.find(({ method }) => method === "fpn" && method !== best.method) ?? second;
  const value = ({ method, mean }: typeof best) => `${labelOf(runs, method)} ${formatMean(metric, mean)} %`;
  const others = plain ? ` (${value(plain)})` : "";
  return `highest ${metric.label} ${value(best)}${others}${verdict(runs, column)}`;
}

function verdict(runs: GridRuns, { tests }: Column): string {
  if (tests.length === 0) return "";
  if (tooFew(tests)) return "";
  const tied = tests.filter(({ pHolm }) => pHolm >= ALPHA).map(({ other }) => labelOf(runs, other));
  if (tied.length === 0) return ", better than every other by paired tests";
  return `, by paired tests not told from ${tied.length === tests.length ? "any other" : tied.join(", ")}`;
}

const tooFew = (tests: Column["tests"]): boolean => smallestP(Math.max(...tests.map(({ n }) => n))) * tests.length >= ALPHA;

/** Said once, and not of every mean. */
function tooFewSentence(runs: GridRuns, keeps: readonly Keep[]): string[] {
  const tests = keeps.map((keep) => columnOf(runs, ap, keep).tests).filter((tests) => tests.length > 0);
  if (tests.length === 0 || !tests.every(tooFew)) return [];
  const n = Math.max(...tests.flat().map(({ n }) => n));
  return [
    `${n === 1 ? "One pair" : `${n} pairs`} of runs on the same fold and seed: too few for a test to tell ${runs.methods.length} methods apart at 5 %.`,
  ];
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
    return [`${contrastLabel(pair)}: AP ${text(inAp)}, F1 at score 0.5 ${text(inF1)}`];
  });
  if (parts.length === 0) return [];
  return [
    `Paired differences at ${keepLabel(keep)}, in percentage points${parts.some((part) => part.includes("(")) ? " with 95 % intervals" : ""}: ${parts.join("; ")}.`,
  ];
}

const labelOf = ({ methods }: GridRuns, name: string): string => methods.find((method) => method.name === name)?.label ?? name;

/** What is missing or failed; empty for a whole grid. */
export function gridWarnings({ runs, failed, total }: GridRuns): string[] {
  const missing = runs.length < total ? [`${runs.length} of ${total} runs are finished: what follows is of these alone.`] : [];
  return [...missing, ...failed.map(({ run, message }) => `failed: ${run}: ${message}`)];
}
