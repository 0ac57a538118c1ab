// The columns that a report of a grid can have: how a run gives the value, how it is written, which direction is better.

import * as measures from "../measures.ts";
import type { GridRun } from "./runs.ts";

export interface GridMetric {
  readonly key: string;
  readonly label: string;
  /** A head above the columns of neighbours. */
  readonly group?: string;
  /** Fractions are written as per cent. */
  readonly percent: boolean;
  /** After the point; default 1. */
  readonly digits?: number;
  /** Null where neither direction is better. */
  readonly better: "higher" | "lower" | null;
  /** Null where the run has no such value. */
  readonly of: (run: GridRun) => number | null;
}

const fraction = (key: string, label: string, of: GridMetric["of"]): GridMetric => ({
  key,
  label,
  percent: true,
  better: "higher",
  of,
});

/** The run's detections with a score of `score` or more: one of 0.05, 0.3, 0.5, 0.6. */
const at = ({ measures }: GridRun, score: number) => measures.atScore.find((entry) => entry.score === score);

const SCORES = [0.05, 0.3, 0.5, 0.6] as const;

export const ap = fraction("ap", measures.ap.label, ({ measures }) => measures.ap11);
export const recall = fraction("recall", measures.recall.label, ({ measures }) => measures.recall);
export const apAtHalf = fraction("apAtHalf", "AP at 0.5", ({ measures }) => measures.ap11AtHalf);
export const recallAtHalf = fraction("recallAtHalf", measures.recallAtHalf.label, (run) => at(run, 0.5)?.recall ?? null);
export const f1AtHalf = fraction("f1AtHalf", measures.f1AtHalf.label, (run) => at(run, 0.5)?.f1 ?? null);
export const bestF1 = fraction("bestF1", measures.bestF1.label, ({ measures }) => measures.bestF1);

/** What the paper reports. */
export const paperMetrics = [ap, recall] as const;

/** The measures in which methods are compared pair by pair. */
export const mainMetrics: readonly GridMetric[] = [ap, recall, f1AtHalf, bestF1];

/** All detections, those of a score of 0.5 or more, and whether scores are what they say. */
export const sideBySide: readonly GridMetric[] = [
  { ...ap, group: "all detections" },
  { ...recall, group: "all detections" },
  { ...apAtHalf, group: "score ≥ 0.5", label: "AP" },
  { ...recallAtHalf, group: "score ≥ 0.5", label: "recall" },
  { ...f1AtHalf, group: "score ≥ 0.5", label: "F1" },
  { ...fraction("chosenF1", "F1", ({ chosen }) => chosen?.f1 ?? null), group: "threshold of the other folds" },
  {
    ...fraction("chosenThreshold", "threshold", ({ chosen }) => chosen?.threshold ?? null),
    group: "threshold of the other folds",
    percent: false,
    digits: 2,
    better: null,
  },
  { ...bestF1, group: "best threshold", label: "F1" },
  {
    ...fraction("ece", measures.ece.label, ({ measures }) => measures.reliability.ece),
    group: "calibration",
    better: "lower",
  },
];

/** Recall, precision and F1 at fixed scores. */
export const atScores: readonly GridMetric[] = SCORES.flatMap((score) =>
  (["recall", "precision", "f1"] as const).map((key) => ({
    ...fraction(`${key}At${score}`, key === "f1" ? "F1" : key, (run) => at(run, score)?.[key] ?? null),
    group: `score ≥ ${score}`,
  })),
);

/** How far the count of cells per image is off, at the scores from which somebody might count. */
export const countErrors: readonly GridMetric[] = SCORES.flatMap((score) => [
  count(score, { key: `countErrorAt${score}`, label: "error", better: "lower" }, (run) => at(run, score)?.countError ?? null),
  count(score, { key: `countBiasAt${score}`, label: "bias", better: null }, (run) => at(run, score)?.countBias ?? null),
]);

function count(score: number, name: Pick<GridMetric, "key" | "label" | "better">, of: GridMetric["of"]): GridMetric {
  return { group: `score ≥ ${score}`, ...name, percent: false, of };
}

/** Average precision by every rule in use. */
export const averagePrecisions: readonly GridMetric[] = [
  { ...ap, label: "11 levels" },
  fraction("apVoc11", "11 levels, VOC matching", ({ measures }) => measures.apVoc11),
  fraction("apVoc", "VOC, all points", ({ measures }) => measures.apVoc),
  fraction("apCoco50", "COCO, IoU 0.5", ({ measures }) => measures.apCoco50),
  fraction("apCoco", "COCO, IoU 0.50:0.95", ({ measures }) => measures.apCoco),
];

/** F1 with matches by distance of centres instead of overlap, for the rules that the runs have. */
export function byDistance(runs: readonly GridRun[]): GridMetric[] {
  const rules = [...new Set(runs.flatMap(({ measures }) => measures.byDistance.map(({ rule }) => rule)))];
  return rules.flatMap((rule) => {
    const of = ({ measures }: GridRun) => measures.byDistance.find((entry) => entry.rule === rule);
    return [
      { ...fraction(`f1Within ${rule}`, "F1 at 0.5", (run) => of(run)?.f1AtHalf ?? null), group: `within ${rule}` },
      { ...fraction(`bestF1Within ${rule}`, "best F1", (run) => of(run)?.bestF1 ?? null), group: `within ${rule}` },
    ];
  });
}

/** FROC: sensitivity at given numbers of wrong detections per image, and per mm² where every run knows its area. */
export function frocPoints(runs: readonly GridRun[]): GridMetric[] {
  const froc = runs[0]?.measures.froc;
  if (froc === undefined) return [];
  const group = "sensitivity at wrong detections per image";
  const perImage = froc.points.map(({ falsePositivesPerImage: rate }, i) => ({
    ...fraction(`sensitivityAt${rate}PerImage`, String(rate), ({ measures }) => measures.froc.points[i]?.sensitivity ?? null),
    group,
  }));
  const mean = { ...fraction("frocMean", "mean", ({ measures }) => measures.froc.mean), group };
  const perMm2 = (froc.perMm2?.points ?? []).map(({ falsePositivesPerMm2: rate }, i) => ({
    ...fraction(
      `sensitivityAt${rate}PerMm2`,
      String(rate),
      ({ measures }) => measures.froc.perMm2?.points[i]?.sensitivity ?? null,
    ),
    group: "at wrong detections per mm²",
  }));
  return [...perImage, mean, ...perMm2];
}
