// One run of a grid: split, sparsify, train, detect on the test half, measure. Datasets in between exist in memory only.

import { cellsOf, type Dataset } from "../data/dataset.ts";
import { readDataset } from "../data/dataset-folder.ts";
import { sparsifyWithBias } from "../data/sparsify.ts";
import { foldOf } from "../data/split.ts";
import { detectSplit, writeDetections } from "../detect/dataset-split.ts";
import { completenessIn } from "../detector/counted-completeness.ts";
import { trainingMethodNamed } from "../procedures/index.ts";
import type { GridRecord, GridResult, GridUnit } from "../runs/grid.ts";
import type { GridFolder } from "../runs/grid-folder.ts";
import type { RunFolder } from "../runs/run-folder.ts";
import type { LogEntry } from "../runs/run-log.ts";
import { trainedFrom } from "../settings/presets.ts";
import type { TrainConfig } from "../settings/training.ts";
import { tracked } from "../tracking/tracked.ts";
import { readTrackers } from "../tracking/tracking-file.ts";
import { runTraining } from "../train/run.ts";
import { runConfig } from "../train/run-config.ts";
import { densityProbe, readDensity } from "./density-probe.ts";

/** How a run of a grid is computed; this changes its result by rounding at most. */
export interface Computing {
  readonly device: string;
  readonly threads: number;
  /** The trained model stays in the run's folder. */
  readonly keepModels: boolean;
}

export interface UnitOptions extends Computing {
  readonly store: GridFolder;
  readonly unit: GridUnit;
  readonly onStep: (entry: LogEntry) => void;
  readonly onNote: (line: string) => void;
  /** Asked after every training step. */
  readonly shouldStop: () => boolean;
}

/** Runs it, from its checkpoint if there is one; null when it was stopped, which leaves a checkpoint. */
export async function runUnit(options: UnitOptions): Promise<GridResult | null> {
  const { store, unit, device, keepModels, onStep, onNote, shouldStop } = options;
  const begun = performance.now();
  const run = store.run(unit);
  const record = store.record();
  const { dataset, test } = await trainingOf(record, unit);
  const { label, calibration } = trainingMethodNamed(unit.method);
  const densityFile = store.densityFile(unit);
  let earlierSeconds = 0; // of the steps that an interrupted process has done
  if (run.isFinished) earlierSeconds = trainSeconds(run);
  else {
    let first = true;
    const outcome = await tracked({ dir: run.dir, names: readTrackers(store.dir), onNote }, (onLook) =>
      runTraining({
        dataset,
        run,
        config: configOf(record, options, dataset),
        onStep: (entry) => {
          if (first) earlierSeconds = trainSeconds(run, entry.step);
          first = false;
          onStep(entry);
        },
        onNote,
        onLook,
        shouldStop,
        inGrid: true,
        probe: densityProbe({ file: densityFile, dataset, calibration, steps: record.train.steps, seed: unit.seed }),
      }),
    );
    if (!outcome.finished) return null;
  }
  const detected = await detectSplit({
    dataset: test,
    split: "test",
    model: run.modelFile,
    device,
    dtype: record.train.dtype,
    onNote,
  });
  writeDetections(store.detectionsFile(unit), test, detected);
  const completeness = completenessIn(run.modelFile);
  const cells = cellsOf(dataset);
  const visible = cells.filter(({ hidden }) => !hidden).length;
  const result: GridResult = {
    unit,
    label,
    measures: detected.measures,
    counts: {
      trainImages: dataset.images.length,
      visible,
      hidden: cells.length - visible,
      testImages: test.images.length,
      testCells: detected.measures.truths,
    },
    losses: lossStretches(run.log(), 100),
    density: readDensity(densityFile),
    limitedImages: detected.limitedImages,
    ...(completeness && { completeness }),
    trainSeconds: trainSeconds(run),
    totalSeconds: earlierSeconds + (performance.now() - begun) / 1000,
  };
  store.writeResult(result);
  if (!keepModels) run.discardModel();
  return result;
}

/** What a run learns from, and the images that it is measured on. */
export async function trainingOf(record: GridRecord, unit: GridUnit): Promise<{ dataset: Dataset; test: Dataset }> {
  const { training, test } = foldOf(readDataset(record.data), { folds: record.folds, fold: unit.fold, seed: record.splitSeed });
  return { dataset: await sparsifyWithBias(training, { keep: unit.keep, seed: unit.seed, bias: record.bias }), test };
}

/** Of the steps before `end`. */
const trainSeconds = (run: RunFolder, end = Infinity): number =>
  run.stepTimes().reduce((sum, { step, seconds }) => (step < end ? sum + seconds : sum), 0);

function configOf({ data, train, weights }: GridRecord, { unit, device, threads }: UnitOptions, dataset: Dataset): TrainConfig {
  return runConfig(dataset, trainedFrom(weights, train), {
    data,
    method: unit.method,
    seed: unit.seed,
    weights,
    partialWeights: weights !== null,
    device,
    threads,
    checkpointEvery: Math.max(50, Math.ceil(train.steps / 10)),
  });
}

/** Mean of each part of the loss over equal stretches of the log, at most `most` of them. */
export function lossStretches(log: readonly LogEntry[], most: number): GridResult["losses"] {
  const stretches = Math.min(most, log.length);
  return Array.from({ length: stretches }, (_, i) => {
    const entries = log.slice(Math.floor((i * log.length) / stretches), Math.floor(((i + 1) * log.length) / stretches));
    const means = [...new Set(entries.flatMap(({ parts }) => Object.keys(parts)))].map((part) => {
      const sum = entries.reduce((sum, { parts }) => sum + (parts[part] ?? 0), 0);
      return [part, Number((sum / entries.length).toPrecision(6))];
    });
    return { step: (entries.at(-1) as LogEntry).step, ...Object.fromEntries(means) };
  });
}
