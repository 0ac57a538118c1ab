// The density of the second stage's boxes as figures over the training and as a table of its last third.

import { keepText } from "../../runs/grid.ts";
import type { Figure, Table } from "../document/document.ts";
import { KINDS, type Kind, kindLook } from "../figures/looks.ts";
import type { Pen, Point } from "../figures/panels.ts";
import { rangeText } from "../statistics/spread.ts";
import { type DensityValue, meanOverRois, probedMethods } from "./density.ts";
import { type GridRun, runsOf, someKeeps } from "./runs.ts";
import type { GridSummary } from "./summary.ts";

/** Words for a kind of RoI. */
const NAMES: { readonly [kind in Kind]: string } = {
  annotated: "annotated positives",
  hidden: "hidden positives",
  background: "background",
};

/** One figure per value; none when no run was probed. */
export function densityFigures(summary: GridSummary, pen: Pen): Figure[] {
  const shown = probedMethods(summary);
  if (shown.length === 0) return [];
  const keeps = someKeeps(summary.keeps, 4);
  const titles: { readonly [value in DensityValue]: readonly [title: string, axis: string, meaning: string] } = {
    energy: [
      "Energy of the second stage’s boxes during training",
      "energy",
      "Energy: mean distance to the image’s other boxes over the largest distance, Eq. (8); low where boxes crowd.",
    ],
    weight: ["Weight of their classification loss", "weight", "Weight: what the method multiplies the classification loss by."],
    score: ["Their score", "score", "Score: probability of being a cell."],
  };
  return (["energy", "weight", "score"] as const).map((value): Figure => {
    const drawn = shown.flatMap((method) =>
      keeps.map((keep) => ({
        title: `${method.label}, ${keepText(keep)} kept`,
        runs: runsOf(summary, { method: method.name, keep }),
      })),
    );
    const curves = drawn.map(({ title, runs }) => ({
      title,
      lines: KINDS.map((kind) => ({ kind, points: curve(runs, kind, value) })),
    }));
    const values = curves.flatMap(({ lines }) => lines.flatMap(({ points }) => points.map(({ y }) => y)));
    const [title, axis, meaning] = titles[value];
    return {
      file: value === "energy" ? "figure-2-energy" : `figure-2-${value}`,
      title,
      columns: keeps.length === 1 ? shown.length : keeps.length,
      panels: curves.map(({ title, lines }) =>
        pen.lines({
          title,
          lines: lines.map(({ kind, points }) => ({ label: NAMES[kind], look: kindLook(kind), points })),
          x: { label: "training step", ticks: 4 },
          y: { label: axis, domain: value === "energy" ? around(values) : [0, 1] },
          width: 300,
          height: 220,
        }),
      ),
      key: KINDS.map((kind) => ({ label: NAMES[kind], look: kindLook(kind) })),
      caption:
        `${meaning} Mean over the sampled RoIs of a few training images of every finished run (${roisText(drawn.flatMap(({ runs }) => runs))}). ${value === "energy" ? "In the manner of the paper’s Figure 2." : ""}`.trim(),
    };
  });
}

/** Energies differ little: the axis begins near the lowest. */
function around(values: readonly number[]): [number, number] {
  const [low, high] = [Math.min(...values), Math.max(...values)];
  return values.length === 0 ? [0, 1] : [Math.floor(20 * low) / 20, Math.ceil(20 * high + 1e-9) / 20];
}

function roisText(runs: readonly GridRun[]): string {
  const probes = runs.flatMap(({ density }) => density);
  const total = (kind: Kind) => probes.reduce((sum, { groups }) => sum + groups[kind].rois, 0);
  return `n = ${runs.length} runs; RoIs: ${KINDS.map((kind) => `${total(kind)} ${NAMES[kind]}`).join(", ")}`;
}

function curve(runs: readonly GridRun[], kind: Kind, value: DensityValue): Point[] {
  const steps = [...new Set(runs.flatMap(({ density }) => density.map(({ step }) => step)))].sort((a, b) => a - b);
  return steps.flatMap((step) => {
    const y = meanOverRois(
      runs.flatMap(({ density }) => density).filter((probe) => probe.step === step),
      kind,
      value,
    );
    return y === null ? [] : [{ x: step, y }];
  });
}

/** Null when no run was probed. */
export function densityTable({ density, ...summary }: GridSummary): Table | null {
  if (density.length === 0) return null;
  const methods = new Map(summary.methods.map((method) => [method.name, method]));
  const number = (value: number | null, digits: number) => ({ text: value === null ? "–" : value.toFixed(digits) });
  return {
    title: "Energy, weight and score over the last third of the training",
    rowHead: "method, annotations kept",
    columns: [
      ...KINDS.map((label) => ({ group: "energy", label })),
      { group: "energy", label: "background − hidden" },
      ...(["weight", "score"] as const).flatMap((group) => KINDS.map((label) => ({ group, label }))),
    ],
    rows: density.map(({ method, keep, means, gap }) => ({
      label: `${methods.get(method)?.label ?? method}, ${keepText(keep)}`,
      method: methods.get(method)?.index,
      cells: [
        ...KINDS.map((kind) => number(means.energy[kind], 3)),
        gap === null
          ? { text: "–" }
          : {
              text: gap.mean.toFixed(3).replace("-", "−"),
              ...(gap.interval && { below: gap.interval.map((edge) => edge.toFixed(3).replace("-", "−")).join(" to ") }),
            },
        ...(["weight", "score"] as const).flatMap((value) => KINDS.map((kind) => number(means[value][kind], 2))),
      ],
    })),
    notes: [
      `Means over runs (n = ${rangeText(density.map(({ n }) => n))}). “background − hidden” above 0: hidden positives have the lower energy, as the method supposes; below it, the 95 % interval by Student’s t over runs. An RoI is hidden when it lies on a cell whose annotation was removed, and background when it lies on no cell.`,
    ],
  };
}
