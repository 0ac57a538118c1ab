// How large the images were that a model was trained on, where its run records that.

import { dirname } from "node:path";
import type { TrainingScale } from "../data/training-facts.ts";
import { RunFolder } from "./run-folder.ts";

/** `model`: the model's file; undefined where it lies in no run's folder, or in that of an earlier version. */
export function trainingScale(model: string): TrainingScale | undefined {
  const run = new RunFolder(dirname(model));
  return run.exists ? run.record().dataset?.imageSize : undefined;
}
