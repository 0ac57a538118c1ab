// Training loss by rate, the baseline and BDE side by side (the paper's Figure A1): do sparse annotations start with the larger
// loss, and end with the smaller?

import { keepText } from "../../runs/grid.ts";
import { type LossStretch, lossLabel, lossParts, wholeLoss } from "../../runs/loss-parts.ts";
import type { Figure } from "../document/document.ts";
import { rateLook } from "../figures/looks.ts";
import type { Line, Pen, Point } from "../figures/panels.ts";
import { rangeText } from "../statistics/spread.ts";
import { type GridRuns, runsOf } from "./runs.ts";

type ValueOf = (loss: LossStretch) => number;

/** The parts with a panel beside the whole loss: the classification loss, and what a method added. */
const isShown = (part: string): boolean => !["rpnClass", "rpnBox", "roiBox"].includes(part);

/** Null when neither method has a finished run. */
export function lossFigureByRate(runs: GridRuns, pen: Pen): Figure | null {
  const shown = ["fpn", "bde"].flatMap((name) =>
    runs.methods.filter((method) => method.name === name && runs.runs.some(({ unit }) => unit.method === name)),
  );
  if (shown.length === 0) return null;
  const parts = lossParts(
    runs.runs.filter(({ unit }) => shown.some(({ name }) => name === unit.method)).flatMap(({ losses }) => losses),
  );
  const values: (readonly [label: string, of: ValueOf])[] = [
    [lossLabel("loss"), wholeLoss],
    ...parts.filter(isShown).map((part) => [lossLabel(part), (loss: LossStretch) => loss[part] ?? Number.NaN] as const),
  ];
  const panels = values.flatMap(([label, of]) => {
    const lines = shown.map(({ name }) => linesOf(runs, name, of));
    const top = 1.05 * Math.max(...lines.flat().flatMap(({ points }) => points.map(({ y }) => y)), 1e-9);
    return shown.map((method, i) =>
      pen.lines({
        title: `${method.label}, ${label}`,
        lines: lines[i],
        x: { label: "training step", ticks: 4 },
        y: { label: "loss", domain: [0, top] },
        width: 420,
      }),
    );
  });
  const counts = shown.flatMap(({ name }) => runs.keeps.map((keep) => runsOf(runs, { method: name, keep }).length));
  const weighted = shown.some(({ name }) => name === "bde")
    ? " BDE scales the class loss of the background: compare the order of the rates within a panel, not the panels."
    : "";
  return {
    file: "figure-a1-training-loss",
    title: "Training loss by the share of the annotations that is kept",
    panels,
    columns: shown.length,
    key: runs.keeps.map((keep, i) => ({ label: keepText(keep), look: rateLook(i, runs.keeps.length) })),
    caption: `Mean loss of equal stretches of the training, over the finished runs (n = ${rangeText(counts)} per rate).${weighted} In the manner of the paper’s Figure A1.`,
  };
}

function linesOf(runs: GridRuns, method: string, of: ValueOf): Line[] {
  return runs.keeps.map((keep, i) => ({
    label: keepText(keep),
    look: rateLook(i, runs.keeps.length),
    points: meanCurve(
      runsOf(runs, { method, keep }).map(({ losses }) => losses),
      of,
    ),
  }));
}

/** At every stretch that all runs have. */
function meanCurve(curves: readonly (readonly LossStretch[])[], of: ValueOf): Point[] {
  const length = curves.length === 0 ? 0 : Math.min(...curves.map((curve) => curve.length));
  return Array.from({ length }, (_, k) => ({
    x: curves[0][k].step,
    y: curves.reduce((sum, curve) => sum + of(curve[k]), 0) / curves.length,
  })).filter(({ y }) => Number.isFinite(y));
}
