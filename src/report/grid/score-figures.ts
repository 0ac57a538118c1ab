// What scores are worth, by method and rate: recall and F1 by the threshold, reliability, FROC. The counts of all runs of a method
// at a rate are added up, as if their test images were one set.

import { atThreshold } from "../../evaluate/threshold.ts";
import { keepText } from "../../runs/grid.ts";
import type { Figure } from "../document/document.ts";
import { methodLook } from "../figures/looks.ts";
import type { Line, LinePanel, Pen, Point } from "../figures/panels.ts";
import { rangeText } from "../statistics/spread.ts";
import { keyOf } from "./rate-figures.ts";
import { countsTogether, type GridRun, type GridRuns, type Keep, runsOf, someKeeps } from "./runs.ts";

/** Bins with fewer detections are left out. */
const LEAST_COUNT = 20;
const ALL_TOGETHER = "The runs of all folds and seeds taken together";

type Panel = Omit<LinePanel, "width" | "height">;

/** The figure of a few rates, with a panel for each; and their key. */
function figureOf(
  runs: GridRuns,
  pen: Pen,
  { panels, ...figure }: Pick<Figure, "file" | "title" | "caption"> & { panels: readonly Panel[] },
): Figure {
  return {
    ...figure,
    panels: panels.map((panel) => pen.lines({ ...panel, width: 360, height: 260 })),
    columns: 3,
    key: keyOf(runs),
  };
}

const fewKeeps = ({ keeps }: GridRuns): Keep[] => someKeeps(keeps, 3);
const kept = (keep: Keep): string => `${keepText(keep)} kept`;
const percent = (label: string): LinePanel["y"] => ({ label: `${label} (%)`, domain: [0, 100] });

/** Recall and F1 by threshold, and reliability. */
export function scoreFigures(runs: GridRuns, pen: Pen): { thresholds: Figure; reliability: Figure } {
  const thresholds = figureOf(runs, pen, {
    file: "recall-and-f1-by-threshold",
    title: "Recall and F1 by the score threshold",
    panels: (["recall", "f1"] as const).flatMap((key) =>
      fewKeeps(runs).map((keep) => ({
        title: `${key === "f1" ? "F1" : "Recall"}, ${kept(keep)}`,
        x: { label: "score threshold", domain: [0, 1] },
        y: percent(key === "f1" ? "F1" : "recall"),
        rules: [{ x: 0.5 }],
        lines: linesOf(runs, { keep, symbolEvery: 10, points: (runs) => byThreshold(runs, key) }),
      })),
    ),
    caption: `${ALL_TOGETHER} (${runsText(runs)}). Dashed: score 0.5.`,
  });
  const reliability = figureOf(runs, pen, {
    file: "reliability",
    title: "Reliability of the scores",
    panels: fewKeeps(runs).map((keep) => ({
      title: kept(keep),
      x: { label: "mean score of a bin", domain: [0, 1] },
      y: percent("right detections"),
      rules: [
        [
          [0, 0],
          [1, 100],
        ],
      ],
      lines: linesOf(runs, { keep, points: reliabilityPoints }),
    })),
    caption: `${ALL_TOGETHER} (${runsText(runs)}); ten bins of score, bins with fewer than ${LEAST_COUNT} detections are left out. On the dashed line, scores are probabilities; above it they are too low.`,
  });
  return { thresholds, reliability };
}

export function frocFigure(runs: GridRuns, pen: Pen): Figure {
  return figureOf(runs, pen, {
    file: "froc",
    title: "FROC: sensitivity by wrong detections per image",
    panels: fewKeeps(runs).map((keep) => ({
      title: kept(keep),
      x: { label: "wrong detections per image", type: "log", ticks: [0.25, 1, 4, 16], tickFormat: String },
      y: percent("sensitivity"),
      lines: linesOf(runs, { keep, points: frocPoints }),
    })),
    caption: `Mean over the runs of all folds and seeds (${runsText(runs)}).`,
  });
}

/** How many runs a line of these figures has. */
function runsText(runs: GridRuns): string {
  const counts = fewKeeps(runs).flatMap((keep) => runs.methods.map(({ name }) => runsOf(runs, { method: name, keep }).length));
  return `n = ${rangeText(counts)}`;
}

function linesOf(
  summary: GridRuns,
  { keep, points, symbolEvery }: { keep: Keep; points: (runs: readonly GridRun[]) => Point[]; symbolEvery?: number },
): Line[] {
  return summary.methods.flatMap(({ name, label, index }) => {
    const runs = runsOf(summary, { method: name, keep });
    return runs.length === 0 ? [] : [{ label, look: methodLook(index), points: points(runs), symbolEvery }];
  });
}

function byThreshold(runs: readonly GridRun[], key: "recall" | "f1"): Point[] {
  const counts = countsTogether(runs);
  const truths = runs.reduce((sum, { measures }) => sum + measures.truths, 0);
  return counts.map((_, k) => {
    const threshold = k / (counts.length - 1);
    return { x: threshold, y: 100 * atThreshold(counts, truths, threshold)[key] };
  });
}

function reliabilityPoints(runs: readonly GridRun[]): Point[] {
  return runs[0].measures.reliability.bins.flatMap((_, k) => {
    const bins = runs.map(({ measures }) => measures.reliability.bins[k]);
    const count = bins.reduce((sum, bin) => sum + bin.count, 0);
    if (count < LEAST_COUNT) return [];
    const mean = (key: "meanScore" | "precision") => bins.reduce((sum, bin) => sum + bin.count * bin[key], 0) / count;
    return [{ x: mean("meanScore"), y: 100 * mean("precision") }];
  });
}

const frocPoints = (runs: readonly GridRun[]): Point[] =>
  runs[0].measures.froc.points.map(({ falsePositivesPerImage: x }, k) => ({
    x,
    y: (100 * runs.reduce((sum, { measures }) => sum + measures.froc.points[k].sensitivity, 0)) / runs.length,
  }));
