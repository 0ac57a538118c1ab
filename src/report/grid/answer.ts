// What a grid shows, in a few plain sentences. Every word follows from the numbers: what was not measured is not said.

import { keepText } from "../../runs/grid.ts";
import { formatMean, formatPoints } from "../document/words.ts";
import { ALPHA, type Column } from "../statistics/column.ts";
import { smallestP } from "../statistics/paired-test.ts";
import { differenceAt } from "./difference-figures.ts";
import { ap, apAtHalf, f1AtHalf, type GridMetric, paperMetrics } from "./metrics.ts";
import { type Keep, keepInWords } from "./runs.ts";
import type { GridSummary } from "./summary.ts";

export function gridAnswer(summary: GridSummary): string[] {
  if (summary.runs.length === 0) return ["No run of this grid is finished yet."];
  const keeps = [...new Set([summary.keeps[0], ...summary.keeps.slice(-1)])];
  return [
    ...keeps.map(
      (keep) =>
        `Trained with ${keepInWords(keep)}: ${[...paperMetrics, f1AtHalf].map((metric) => bestText(summary, metric, keep)).join("; ")}.`,
    ),
    ...tooFewSentence(summary, keeps),
    ...dropSentence(summary),
    ...contrastSentence(summary, keeps[0]),
  ];
}

/** The method with the highest mean, the plain detector's mean, and whether tests tell the methods apart. */
function bestText(summary: GridSummary, metric: GridMetric, keep: Keep): string {
  const column = summary.column(metric, keep);
  const most = Math.max(0, ...column.cells.map(({ n }) => n));
  const ranked = column.cells.filter(({ n }) => n > 0 && n === most).sort((a, b) => b.mean - a.mean);
  if (ranked.length === 0) return `no run for ${metric.label} yet`;
  const [best, second] = ranked;
  const plain = ranked.find(({ method }) => method === "fpn" && method !== best.method) ?? second;
  const percent = ({ mean }: typeof best) => `${formatMean(metric, mean)} %`;
  const other = plain ? ` (${labelOf(summary, plain.method)}: ${percent(plain)})` : "";
  return `${labelOf(summary, best.method)} has the highest ${metric.label}, ${percent(best)}${other}${verdict(summary, column)}`;
}

function verdict(summary: GridSummary, { tests }: Column): string {
  if (tests.length === 0) return "";
  if (tooFew(tests)) return "";
  const tied = tests.filter(({ pHolm }) => pHolm >= ALPHA).map(({ other }) => labelOf(summary, other));
  if (tied.length === 0) return ", better than every other by paired tests";
  return `, not told apart by paired tests from ${tied.length === tests.length ? "any other" : tied.join(", ")}`;
}

const tooFew = (tests: Column["tests"]): boolean => smallestP(Math.max(...tests.map(({ n }) => n))) * tests.length >= ALPHA;

/** One sentence for all means. */
function tooFewSentence(summary: GridSummary, keeps: readonly Keep[]): string[] {
  const tests = keeps.map((keep) => summary.column(ap, keep).tests).filter((tests) => tests.length > 0);
  if (tests.length === 0 || !tests.every(tooFew)) return [];
  const n = Math.max(...tests.flat().map(({ n }) => n));
  return [
    `${n === 1 ? "One pair" : `${n} pairs`} of runs on the same fold and seed: too few for a test to tell ${summary.methods.length} methods apart at 5 %.`,
  ];
}

function dropSentence(summary: GridSummary): string[] {
  const changed = summary.drops.filter(({ metric, n }) => metric === ap.key && n > 0);
  if (changed.length === 0) return [];
  const { from, to } = changed[0];
  const list = (metric: GridMetric): string => {
    const [full, sparse] = [from, to].map(
      (keep) => new Map(summary.column(metric, keep).cells.map((cell) => [cell.method, cell.mean])),
    );
    const change = (method: string): number => (sparse.get(method) ?? Number.NaN) - (full.get(method) ?? Number.NaN);
    return changed.map(({ method }) => `${labelOf(summary, method)} ${formatPoints(change(method))}`).join(", ");
  };
  return [
    `Change in AP from all annotations to ${keepInWords(to)}, in percentage points: over detections of score 0.5 or more, which a user would see, ${list(apAtHalf)}; over all detections ${list(ap)}.`,
  ];
}

function contrastSentence(summary: GridSummary, keep: Keep): string[] {
  const parts = summary.contrasts.flatMap((contrast) => {
    const [inAp, inF1] = [ap, f1AtHalf].map((metric) => differenceAt(summary, { ...contrast, metric, keep }));
    if (inAp.n === 0) return [];
    const text = ({ mean, interval }: typeof inAp) =>
      `${formatPoints(mean)}${interval ? ` (${interval.map(formatPoints).join(" to ")})` : ""}`;
    return [`${contrast.label}: AP ${text(inAp)}, F1 at score 0.5 ${text(inF1)}`];
  });
  if (parts.length === 0) return [];
  return [
    `Paired differences at ${keepText(keep)}, in percentage points${parts.some((part) => part.includes("(")) ? " with 95 % intervals" : ""}: ${parts.join("; ")}.`,
  ];
}

const labelOf = ({ methods }: GridSummary, name: string): string => methods.find((method) => method.name === name)?.label ?? name;

/** What is missing or failed; empty for a whole grid. */
export function gridWarnings({ runs, failed, total }: GridSummary): string[] {
  const missing =
    runs.length < total ? [`${runs.length} of ${total} runs are finished: the rest of this page is about these only.`] : [];
  return [...missing, ...failed.map(({ run, message }) => `failed: ${run}: ${message}`)];
}
