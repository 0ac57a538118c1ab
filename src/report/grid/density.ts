// The method's own hypothesis, measured (the paper's Figure 2): do the second stage's boxes crowd around hidden positives as
// around annotated ones, so that their energy, Eq. (8), is lower than the background's? With it what follows: weight and score.

import type { DensityProbe } from "../../runs/grid.ts";
import type { Figure, Table } from "../document/document.ts";
import { KINDS, type Kind, kindLook } from "../figures/looks.ts";
import type { Pen, Point } from "../figures/panels.ts";
import { interval95, meanAndSd } from "../statistics/paired-test.ts";
import { type GridMethod, type GridRun, type GridRuns, keepLabel, runsOf, someKeeps } from "./runs.ts";

type Value = "energy" | "weight" | "score";

/** Words for a kind of RoI. */
const NAMES: { readonly [kind in Kind]: string } = {
  annotated: "annotated positives",
  hidden: "hidden positives",
  background: "background",
};

/** Those whose density is shown: the plain detector and BDE. */
function shownMethods({ methods, runs }: GridRuns): GridMethod[] {
  return methods.filter(
    ({ id, name }) => ["fpn", "bde"].includes(id) && runs.some(({ unit, density }) => unit.method === name && density.length > 0),
  );
}

/** One figure a value; none when no run was probed. */
export function densityFigures(runs: GridRuns, pen: Pen): Figure[] {
  const shown = shownMethods(runs);
  if (shown.length === 0) return [];
  const keeps = someKeeps(runs.keeps, 4);
  const titles: { readonly [value in Value]: readonly [title: string, axis: string, meaning: string] } = {
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
        title: `${method.label}, ${keepLabel(keep)} kept`,
        own: runsOf(runs, { method: method.name, keep }),
      })),
    );
    const curves = drawn.map(({ title, own }) => ({
      title,
      lines: KINDS.map((kind) => ({ kind, points: curve(own, kind, value) })),
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
        `${meaning} Mean over the sampled RoIs of a few training images of every finished run (${roisText(drawn.flatMap(({ own }) => own))}). ${value === "energy" ? "In the manner of the paper’s Figure 2." : ""}`.trim(),
    };
  });
}

/** Energies differ little: the axis begins near the lowest. */
function around(values: readonly number[]): [number, number] {
  const [low, high] = [Math.min(...values), Math.max(...values)];
  return values.length === 0 ? [0, 1] : [Math.floor(20 * low) / 20, Math.ceil(20 * high + 1e-9) / 20];
}

function roisText(own: readonly GridRun[]): string {
  const probes = own.flatMap(({ density }) => density);
  const total = (kind: Kind) => probes.reduce((sum, { groups }) => sum + groups[kind].rois, 0);
  return `n = ${own.length} runs; RoIs: ${KINDS.map((kind) => `${total(kind)} ${NAMES[kind]}`).join(", ")}`;
}

function curve(own: readonly GridRun[], kind: Kind, value: Value): Point[] {
  const steps = [...new Set(own.flatMap(({ density }) => density.map(({ step }) => step)))].sort((a, b) => a - b);
  return steps.flatMap((step) => {
    const y = meanOf(
      own.flatMap(({ density }) => density).filter((probe) => probe.step === step),
      kind,
      value,
    );
    return y === null ? [] : [{ x: step, y }];
  });
}

/** Over RoIs; null without any. */
function meanOf(probes: readonly DensityProbe[], kind: Kind, value: Value): number | null {
  let [sum, count] = [0, 0];
  for (const { groups } of probes) {
    const mean = groups[kind][value];
    if (mean === null) continue;
    sum += groups[kind].rois * mean;
    count += groups[kind].rois;
  }
  return count === 0 ? null : sum / count;
}

/** The last third of a training, where the detector is what is used. */
const lastThird = ({ density }: GridRun): DensityProbe[] => {
  const last = Math.max(...density.map(({ step }) => step));
  return density.filter(({ step }) => 3 * step > 2 * last);
};

export interface DensitySummary {
  readonly method: string;
  readonly keep: GridRuns["keeps"][number];
  readonly n: number;
  /** Means over the runs' last thirds; null without RoIs of the kind. */
  readonly means: { readonly [value in Value]: { readonly [kind in Kind]: number | null } };
  /** Energy of the background minus that of hidden positives, over the runs that have both. */
  readonly gap: { readonly n: number; readonly mean: number; readonly interval: readonly [number, number] | null } | null;
}

export function densitySummaries(runs: GridRuns): DensitySummary[] {
  return shownMethods(runs).flatMap(({ name }) =>
    runs.keeps.flatMap((keep): DensitySummary[] => {
      const own = runsOf(runs, { method: name, keep }).filter(({ density }) => density.length > 0);
      if (own.length === 0) return [];
      const last = own.map(lastThird);
      const means = (value: Value) =>
        Object.fromEntries(
          KINDS.map((kind) => {
            const values = last.map((probes) => meanOf(probes, kind, value)).filter((mean) => mean !== null);
            return [kind, values.length === 0 ? null : meanAndSd(values).mean];
          }),
        ) as { [kind in Kind]: number | null };
      const gaps = last.flatMap((probes) => {
        const [background, hidden] = (["background", "hidden"] as const).map((kind) => meanOf(probes, kind, "energy"));
        return background === null || hidden === null ? [] : [background - hidden];
      });
      return [
        {
          method: name,
          keep,
          n: own.length,
          means: { energy: means("energy"), weight: means("weight"), score: means("score") },
          gap: gaps.length === 0 ? null : { n: gaps.length, mean: meanAndSd(gaps).mean, interval: interval95(gaps) },
        },
      ];
    }),
  );
}

/** Null when no run was probed. */
export function densityTable(runs: GridRuns): Table | null {
  const summaries = densitySummaries(runs);
  if (summaries.length === 0) return null;
  const methods = new Map(runs.methods.map((method) => [method.name, method]));
  const counts = summaries.map(({ n }) => n);
  const number = (value: number | null, digits: number) => ({ text: value === null ? "–" : value.toFixed(digits) });
  return {
    title: "Energy, weight and score over the last third of the training",
    rowHead: "method, annotations kept",
    columns: [
      ...KINDS.map((label) => ({ group: "energy", label })),
      { group: "energy", label: "background − hidden" },
      ...(["weight", "score"] as const).flatMap((group) => KINDS.map((label) => ({ group, label }))),
    ],
    rows: summaries.map(({ method, keep, means, gap }) => ({
      label: `${methods.get(method)?.label ?? method}, ${keepLabel(keep)}`,
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
      `Means over runs (n = ${[...new Set([Math.min(...counts), Math.max(...counts)])].join(" to ")}). “background − hidden” above 0: hidden positives have the lower energy, as the method supposes; below it the 95 % interval by Student’s t over runs. An RoI is hidden when it lies on a cell whose annotation was removed, background when it lies on no cell.`,
    ],
  };
}
