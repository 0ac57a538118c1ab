// A training of a tiny dataset that is interrupted and resumed, for tests that what a procedure remembers is in the checkpoint.

import { readFileSync } from "node:fs";
import { join } from "node:path";
import type { Dataset } from "../data/dataset.ts";
import { Detector } from "../detector/detector.ts";
import type { Procedure } from "../procedures/procedure.ts";
import { RunFolder } from "../runs/run-folder.ts";
import type { TrainConfig } from "../settings/training.ts";
import { Batches } from "./batches.ts";
import { tinyConfig } from "./run.fixture.ts";
import { train } from "./trainer.ts";
import { TrainingSearch } from "./training-search.ts";

export type Make = (detector: Detector, config: TrainConfig) => Procedure;

/** Trains `run` (a new one, or from its checkpoint) until `stopAfter` steps are done, and leaves a checkpoint. */
export async function advance(dataset: Dataset, run: RunFolder, make: Make, stopAfter: number): Promise<void> {
  const { config } = run.record();
  const detector = new Detector(config.detector, config);
  const procedure = make(detector, config);
  const batches = new Batches(dataset, config, procedure);
  let done = 0;
  try {
    await train({
      config,
      detector,
      procedure,
      batches,
      run,
      onStep: ({ step }) => (done = step),
      onNote: () => {},
      shouldStop: () => done === stopAfter,
      search: new TrainingSearch(dataset, config),
    });
  } finally {
    batches.close();
    procedure.release?.();
    detector.release();
  }
}

/** A run in `dir`, trained and stopped after each of these steps. */
export async function trainedInParts(
  dataset: Dataset,
  dir: string,
  make: Make,
  { stops, ...change }: Partial<TrainConfig> & { stops: readonly number[] },
): Promise<RunFolder> {
  const run = new RunFolder(dir);
  run.create({ config: tinyConfig(dataset, change), versions: {}, started: "" });
  for (const stop of stops) await advance(dataset, run, make, stop);
  return run;
}

export const checkpointBytes = (run: RunFolder): Buffer => readFileSync(join(run.dir, "checkpoint.safetensors"));
