// Figure 2 during training: the density gap of a run at some steps, in `density.jsonl` of its folder, so that an interrupted
// run keeps it.

import { existsSync } from "node:fs";
import { densityGap } from "../analysis/density-gap.ts";
import type { Dataset } from "../data/dataset.ts";
import { appendLine, readLines, writeLines } from "../files/json/lines.ts";
import type { Calibration } from "../methods/calibration.ts";
import type { DensityProbe } from "../runs/grid.ts";
import { densityProbeShape } from "../runs/grid-shape.ts";
import type { Probe } from "../train/trainer.ts";

/** Training images per look: forward passes without backward, so a look costs about one step. */
const images = 3;

/** One look in a hundred steps, but 5 to 20 of them; evenly spaced, the last before the last step. */
export function looksOf(steps: number): number[] {
  const looks = Math.min(steps, 20, Math.max(5, Math.floor(steps / 100)));
  return Array.from({ length: looks }, (_, i) => Math.round(((i + 1) * steps) / looks));
}

export interface DensityProbeOptions {
  readonly file: string;
  /** Sparsified: the looks compare its hidden cells with background. */
  readonly dataset: Dataset;
  readonly calibration: Calibration;
  readonly steps: number;
  readonly seed: number;
}

export function densityProbe({ file, dataset, calibration, steps, seed }: DensityProbeOptions): Probe {
  const count = dataset.images.length;
  const spaced = dataset.images.filter((_, i) => Math.floor((i * images) / count) !== Math.floor(((i - 1) * images) / count));
  const looks = new Set(looksOf(steps));
  if (existsSync(file)) writeLines(file, readDensity(file)); // a line that was cut off would spoil the next one
  return {
    at: (step) => looks.has(step),
    async look(detector, moment) {
      const gap = await densityGap(detector, { dataset: { ...dataset, images: spaced }, calibration, images, seed }, moment);
      appendLine(file, gap);
    },
  };
}

/** The looks, one per step: a run resumed from a checkpoint has repeated some. Throws a UserError as `readLines` does. */
export function readDensity(file: string): DensityProbe[] {
  const looks = readLines<DensityProbe>(file, densityProbeShape);
  return [...new Map(looks.map((look) => [look.step, look])).values()].sort((a, b) => a.step - b.step);
}
