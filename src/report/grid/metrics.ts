// The columns that a report of a grid can have: what is read from a run, how it is written, and which way is better.

import type { GridRun } from "./runs.ts";

export interface GridMetric {
  readonly key: string;
  readonly label: string;
  /** Fractions are written as per cent. */
  readonly percent: boolean;
  /** After the point; default 1. */
  readonly digits?: number;
  /** Null where neither is. */
  readonly better: "higher" | "lower" | null;
  /** Null where the run has none. */
  readonly of: (run: GridRun) => number | null;
}

const fraction = (key: string, label: string, of: GridMetric["of"]): GridMetric => ({
  key,
  label,
  percent: true,
  better: "higher",
  of,
});

/** Of the run's detections with a score of `score` or more: one of 0.05, 0.3, 0.5, 0.6. */
const at = ({ measures }: GridRun, score: number) => measures.atScore.find((entry) => entry.score === score);

export const SCORES = [0.05, 0.3, 0.5, 0.6] as const;

export const ap = fraction("ap", "AP", ({ measures }) => measures.ap11);
export const recall = fraction("recall", "recall", ({ measures }) => measures.recall);
export const f1AtHalf = fraction("f1AtHalf", "F1 at 0.5", (run) => at(run, 0.5)?.f1 ?? null);
export const bestF1 = fraction("bestF1", "best F1", ({ measures }) => measures.bestF1);

/** What the paper reports. */
export const paperMetrics = [ap, recall] as const;

/** What differences between methods are looked at in. */
export const mainMetrics: readonly GridMetric[] = [ap, recall, f1AtHalf, bestF1];

/** All detections, those of a score of 0.5 or more, and whether scores mean what they say. */
export const sideBySide: readonly (GridMetric & { readonly group: string })[] = [
  { group: "all detections", ...ap },
  { group: "all detections", ...recall },
  { group: "score ≥ 0.5", ...fraction("apAtHalf", "AP", ({ measures }) => measures.ap11AtHalf) },
  { group: "score ≥ 0.5", ...fraction("recallAtHalf", "recall", (run) => at(run, 0.5)?.recall ?? null) },
  { group: "score ≥ 0.5", ...f1AtHalf, label: "F1" },
  { group: "threshold of the other folds", ...fraction("chosenF1", "F1", ({ chosen }) => chosen?.f1 ?? null) },
  {
    group: "threshold of the other folds",
    ...fraction("chosenThreshold", "threshold", ({ chosen }) => chosen?.threshold ?? null),
    percent: false,
    digits: 2,
    better: null,
  },
  { group: "best threshold", ...bestF1, label: "F1" },
  { group: "calibration", ...fraction("ece", "ECE", ({ measures }) => measures.reliability.ece), better: "lower" },
];

/** Recall, precision and F1 at fixed scores. */
export const atScores: readonly (GridMetric & { readonly group: string })[] = SCORES.flatMap((score) =>
  (["recall", "precision", "f1"] as const).map((key) => ({
    group: `score ≥ ${score}`,
    ...fraction(`${key}At${score}`, key === "f1" ? "F1" : key, (run) => at(run, score)?.[key] ?? null),
  })),
);

/** Cells counted wrongly in an image, at the scores that somebody might count at. */
export const countErrors: readonly (GridMetric & { readonly group: string })[] = SCORES.flatMap((score) => [
  count(score, `countErrorAt${score}`, "error", (run) => at(run, score)?.countError ?? null),
  { ...count(score, `countBiasAt${score}`, "bias", (run) => at(run, score)?.countBias ?? null), better: null },
]);

function count(score: number, key: string, label: string, of: GridMetric["of"]): GridMetric & { group: string } {
  return { group: `score ≥ ${score}`, key, label, percent: false, better: "lower", of };
}

/** Average precision by every rule that is in use. */
export const averagePrecisions: readonly GridMetric[] = [
  { ...ap, label: "11 levels" },
  fraction("apVoc11", "11 levels, VOC matching", ({ measures }) => measures.apVoc11),
  fraction("apVoc", "VOC, all points", ({ measures }) => measures.apVoc),
  fraction("apCoco50", "COCO, IoU 0.5", ({ measures }) => measures.apCoco50),
  fraction("apCoco", "COCO, IoU 0.50:0.95", ({ measures }) => measures.apCoco),
];

/** F1 where near is what counts and not overlap: the rules that the runs have. */
export function byDistance(runs: readonly GridRun[]): (GridMetric & { group: string })[] {
  const rules = [...new Set(runs.flatMap(({ measures }) => measures.byDistance.map(({ rule }) => rule)))];
  return rules.flatMap((rule) => {
    const of = ({ measures }: GridRun) => measures.byDistance.find((entry) => entry.rule === rule);
    return [
      { group: `within ${rule}`, ...fraction(`f1Within ${rule}`, "F1 at 0.5", (run) => of(run)?.f1AtHalf ?? null) },
      { group: `within ${rule}`, ...fraction(`bestF1Within ${rule}`, "best F1", (run) => of(run)?.bestF1 ?? null) },
    ];
  });
}

/** FROC: sensitivity at so many wrong detections an image, and per mm² where every run knows its area. */
export function frocPoints(runs: readonly GridRun[]): (GridMetric & { group: string })[] {
  const froc = runs[0]?.measures.froc;
  if (froc === undefined) return [];
  const group = "sensitivity at wrong detections an image";
  const perImage = froc.points.map(({ falsePositivesPerImage: rate }, i) => ({
    group,
    ...fraction(`sensitivityAt${rate}PerImage`, String(rate), ({ measures }) => measures.froc.points[i]?.sensitivity ?? null),
  }));
  const mean = { group, ...fraction("frocMean", "mean", ({ measures }) => measures.froc.mean) };
  const perMm2 = (froc.perMm2?.points ?? []).map(({ falsePositivesPerMm2: rate }, i) => ({
    group: "at wrong detections per mm²",
    ...fraction(
      `sensitivityAt${rate}PerMm2`,
      String(rate),
      ({ measures }) => measures.froc.perMm2?.points[i]?.sensitivity ?? null,
    ),
  }));
  return [...perImage, mean, ...perMm2];
}

/** A mean as a table shows it: per cent without the sign, one decimal; a dash without a value. */
export function formatMean({ percent, digits = 1 }: Pick<GridMetric, "percent" | "digits">, value: number): string {
  if (!Number.isFinite(value)) return "–";
  const text = (percent ? 100 * value : value).toFixed(digits);
  return Number(text) === 0 ? text.replace("-", "") : text.replace("-", "−");
}

/** "Recall": at the beginning of a title. */
export const capital = (text: string): string => text.charAt(0).toUpperCase() + text.slice(1);

/** A difference of fractions in percentage points with its sign: "+1.2", "−0.4". */
export function formatPoints(difference: number): string {
  if (!Number.isFinite(difference)) return "–";
  const text = Math.abs(100 * difference).toFixed(1);
  return Number(text) === 0 ? "0.0" : `${difference < 0 ? "−" : "+"}${text}`;
}
