// The hypothesis behind BDE, measured (the paper's Figure 2): do the boxes of the second stage crowd around hidden positives as
// they do around annotated ones, so that their energy, Eq. (8), is lower than the background's? And what follows from it: weight
// and score.

import type { DensityProbe } from "../../runs/grid.ts";
import { KINDS, type Kind } from "../figures/looks.ts";
import { interval95, meanAndSd } from "../statistics/spread.ts";
import { type GridMethod, type GridRun, type GridRuns, type Keep, runsOf } from "./runs.ts";

export type DensityValue = "energy" | "weight" | "score";

/** The methods whose density is shown: the plain detector, BDE, and `completeness`. */
export function probedMethods({ methods, runs }: GridRuns): GridMethod[] {
  return methods.filter(
    ({ id, name }) =>
      ["fpn", "bde", "completeness"].includes(id) && runs.some(({ unit, density }) => unit.method === name && density.length > 0),
  );
}

/** Mean over RoIs; null without any. */
export function meanOverRois(probes: readonly DensityProbe[], kind: Kind, value: DensityValue): number | null {
  let [sum, count] = [0, 0];
  for (const { groups } of probes) {
    const mean = groups[kind][value];
    if (mean === null) continue;
    sum += groups[kind].rois * mean;
    count += groups[kind].rois;
  }
  return count === 0 ? null : sum / count;
}

/** The last third of a training, where the detector is close to the one that is used. */
const lastThird = ({ density }: GridRun): DensityProbe[] => {
  const last = Math.max(...density.map(({ step }) => step));
  return density.filter(({ step }) => 3 * step > 2 * last);
};

export interface DensitySummary {
  readonly method: string;
  readonly keep: Keep;
  readonly n: number;
  /** Means over the runs' last thirds; null without RoIs of the kind. */
  readonly means: { readonly [value in DensityValue]: { readonly [kind in Kind]: number | null } };
  /** Energy of the background minus that of hidden positives, over the runs that have both. */
  readonly gap: { readonly n: number; readonly mean: number; readonly interval: readonly [number, number] | null } | null;
}

export function densitySummaries(runs: GridRuns): DensitySummary[] {
  return probedMethods(runs).flatMap(({ name }) =>
    runs.keeps.flatMap((keep): DensitySummary[] => {
      const probed = runsOf(runs, { method: name, keep }).filter(({ density }) => density.length > 0);
      if (probed.length === 0) return [];
      const last = probed.map(lastThird);
      const means = (value: DensityValue) =>
        Object.fromEntries(
          KINDS.map((kind) => {
            const values = last.map((probes) => meanOverRois(probes, kind, value)).filter((mean) => mean !== null);
            return [kind, values.length === 0 ? null : meanAndSd(values).mean];
          }),
        ) as { [kind in Kind]: number | null };
      const gaps = last.flatMap((probes) => {
        const [background, hidden] = (["background", "hidden"] as const).map((kind) => meanOverRois(probes, kind, "energy"));
        return background === null || hidden === null ? [] : [background - hidden];
      });
      return [
        {
          method: name,
          keep,
          n: probed.length,
          means: { energy: means("energy"), weight: means("weight"), score: means("score") },
          gap: gaps.length === 0 ? null : { n: gaps.length, mean: meanAndSd(gaps).mean, interval: interval95(gaps) },
        },
      ];
    }),
  );
}
