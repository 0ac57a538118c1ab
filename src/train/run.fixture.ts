// A dataset and settings of a training that takes a second or two, for tests.

import { resolve } from "node:path";
import type { Dataset } from "../data/dataset.ts";
import { writeDataset } from "../data/dataset-folder.ts";
import { sparsify } from "../data/sparsify.ts";
import { synthesizeDataset } from "../data/synthetic/synthetic.ts";
import { Detector } from "../detector/detector.ts";
import { configKey } from "../detector/weights.ts";
import { RunFolder } from "../runs/run-folder.ts";
import { valuesWith } from "../settings/declarations.ts";
import { type TrainConfig, trainingSettings } from "../settings/training.ts";
import { writeTensors } from "./checkpoints.ts";

/** Six drawn patches of 64 × 64 pixels, two of them the test, in `dir/complete`; half of the training annotations visible in `dir/sparse`. */
export async function tinyDataset(dir: string): Promise<Dataset> {
  const complete = await synthesizeDataset({
    kind: "ki67",
    images: 6,
    width: 64,
    height: 64,
    seed: 1,
    dir: `${dir}/complete`,
    boxSize: 16,
  });
  return writeDataset(sparsify(complete, { keep: 0.5, seed: 1 }), `${dir}/sparse`);
}

export function tinyConfig(dataset: Dataset, change: Partial<TrainConfig> = {}): TrainConfig {
  const config = valuesWith(trainingSettings, {
    data: resolve(dataset.dir),
    method: "bde",
    steps: 4,
    seed: 3,
    checkpointEvery: 100,
    detector: {
      backbone: "resnet18",
      normalization: "group-norm",
      classes: dataset.categories.map(({ name }) => name),
      input: { kind: "stretch", size: 64 },
      anchors: { sizes: [[16], [32], [64], [128], [256]], aspectRatios: [1] },
      roi: { batchSizePerImage: 32, representationSize: 8 }, // small files
    },
  });
  return { ...config, ...change };
}

/** What a finished training leaves, with the weights that it began with. */
export function untrainedRun(dir: string, dataset: Dataset, change: Partial<TrainConfig> = {}): RunFolder {
  const config = tinyConfig(dataset, change);
  const run = new RunFolder(dir);
  run.create({ config, versions: {}, started: "" });
  const detector = new Detector(config.detector, { seed: config.seed });
  writeTensors(run.modelFile, detector.state(), { [configKey]: JSON.stringify(config.detector) });
  detector.release();
  return run;
}
