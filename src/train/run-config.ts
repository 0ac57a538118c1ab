// The settings of one run: those that it shares with the runs that it is compared with, and what its dataset and its first
// weights say.

import { cellCategories, type Dataset } from "../data/dataset.ts";
import { modelSettings } from "../detector/weights.ts";
import { type SomeOf, valuesWith } from "../settings/declarations.ts";
import type { GridSettings } from "../settings/presets.ts";
import { type TrainConfig, trainingSettings } from "../settings/training.ts";
import { anchorsFor } from "./run.ts";

type Chosen = "data" | "method" | "seed" | "weights" | "device" | "threads" | "checkpointEvery";

/** Settings of this run alone; those that are not given have their defaults. */
export type RunSettings = Pick<TrainConfig, Chosen> & Omit<SomeOf<TrainConfig>, Chosen | "detector">;

/**
 * `dataset` says the classes and, with anchors "from-data", the anchors. Weights that are a model of ours give all layers that
 * fit, and say the normalisation. Throws a UserError when the dataset has no visible cell for anchors.
 */
export function runConfig(dataset: Dataset, shared: GridSettings, ofRun: RunSettings): TrainConfig {
  const { detector, anchors, trainableLayers, ...schedule } = shared;
  const model = ofRun.weights === null ? null : modelSettings(ofRun.weights);
  return {
    ...valuesWith(trainingSettings, { ...schedule, weightsPart: model ? "detector" : "backbone", ...ofRun }),
    detector: {
      ...detector,
      normalization: model?.normalization ?? (ofRun.weights === null ? "group-norm" : "frozen-batch-norm"),
      batchNormEps: model?.batchNormEps ?? detector.batchNormEps,
      trainableLayers,
      classes: cellCategories(dataset).map(({ name }) => name),
      anchors: anchors === "from-data" ? anchorsFor(dataset, detector.input) : anchors,
    },
  };
}
