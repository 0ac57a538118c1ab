// The training loop. One scope a step; what a run needs to go on exactly is its weights, their momentum and the step.

import { backward, clipGradientNorm, Sgd, scope } from "@sparsecell/torch";
import type { Calibration, LossOptions } from "../calibration/calibration.ts";
import type { Detector, Losses } from "../detector/detector.ts";
import { DivergedError } from "../detector/diverged-error.ts";
import { UserError } from "../errors.ts";
import type { Random } from "../random.ts";
import { type Batches, stepRandom, type TrainingBatch } from "./batches.ts";
import type { TrainConfig } from "./config.ts";
import type { Checkpoint, LogEntry, RunFolder } from "./run-folder.ts";
import { learningRate } from "./schedule.ts";

export interface TrainerOptions {
  readonly config: TrainConfig;
  readonly detector: Detector;
  readonly calibration: Calibration;
  readonly batches: Batches;
  readonly run: RunFolder;
  readonly onStep: (entry: LogEntry) => void;
  /** Asked after every step; true ends the training after a checkpoint. */
  readonly shouldStop: () => boolean;
  readonly probe?: Probe;
}

/** Looks at the detector while it learns, and leaves it as it is. */
export interface Probe {
  /** Before which steps. */
  readonly at: (step: number) => boolean;
  readonly look: (detector: Detector, moment: { readonly step: number; readonly progress: number }) => Promise<void>;
}

export interface TrainOutcome {
  /** Steps that are done. */
  readonly step: number;
  readonly finished: boolean;
}

/** Trains from the run's last checkpoint, or from step 1. Throws a UserError when a loss is no longer finite; the weights are still those before. */
export async function train(options: TrainerOptions): Promise<TrainOutcome> {
  const { config, detector, batches, run, onStep, shouldStop, probe } = options;
  const optimizer = new Sgd(detector.parameters(), config);
  let done = restore(options, optimizer);
  const checkpoint = (): void => run.writeCheckpoint({ step: done, model: detector.state(), momentum: optimizer.state() });
  try {
    while (done < config.steps) {
      const step = done + 1;
      if (probe?.at(step)) await probe.look(detector, { step, progress: done / config.steps });
      const random = stepRandom(config.seed, step);
      const batch = await batches.at(step, random);
      const entry = scope(() => trainStep(options, optimizer, { step, batch, random }));
      done = step;
      run.append(entry);
      onStep(entry);
      if (shouldStop()) {
        checkpoint();
        return { step: done, finished: done === config.steps };
      }
      if (done % config.checkpointEvery === 0 && done < config.steps) checkpoint();
    }
    return { step: done, finished: true };
  } finally {
    optimizer.release();
  }
}

/** Takes over the run's last checkpoint and returns how many steps are done. */
function restore({ detector, run }: TrainerOptions, optimizer: Sgd): number {
  return scope(() => {
    const checkpoint: Checkpoint | null = run.readCheckpoint();
    if (checkpoint) {
      detector.loadState(checkpoint.model);
      optimizer.loadState(checkpoint.momentum);
    }
    run.removeUnfinishedFiles();
    run.rewindLog(checkpoint?.step ?? 0);
    return checkpoint?.step ?? 0;
  });
}

interface Step {
  readonly step: number;
  readonly batch: TrainingBatch;
  readonly random: Random;
}

function trainStep({ config, detector, calibration }: TrainerOptions, optimizer: Sgd, { step, batch, random }: Step): LogEntry {
  const start = performance.now();
  const progress = (step - 1) / config.steps;
  const losses = lossesOf(detector, batch, { calibration, progress, random }, step);
  const values = finiteValues(losses, step, batch.names);
  optimizer.zeroGrad();
  backward(losses.rpnClass.add(losses.rpnBox).add(losses.roiClass).add(losses.roiBox));
  if (config.clipGradient !== null)
    requireFinite(clipGradientNorm(detector.parameters().values(), config.clipGradient), "gradient norm", step, batch.names);
  optimizer.lr = learningRate(config, step);
  optimizer.step();
  optimizer.zeroGrad(); // gradients would be as large as the weights until the next step
  const loss = values.rpnClass + values.rpnBox + values.roiClass + values.roiBox;
  return { step, loss, ...values, lr: optimizer.lr, seconds: (performance.now() - start) / 1000 };
}

function lossesOf(detector: Detector, { images, truths, names }: TrainingBatch, options: LossOptions, step: number): Losses {
  try {
    return detector.losses(images, truths, options);
  } catch (error) {
    if (error instanceof DivergedError) throw diverged(error.message, step, names);
    throw error;
  }
}

function finiteValues(losses: Losses, step: number, names: readonly string[]): { [part in keyof Losses]: number } {
  const value = (part: keyof Losses): number => requireFinite(losses[part].item(), part, step, names);
  return { rpnClass: value("rpnClass"), rpnBox: value("rpnBox"), roiClass: value("roiClass"), roiBox: value("roiBox") };
}

function requireFinite(value: number, what: string, step: number, names: readonly string[]): number {
  if (Number.isFinite(value)) return value;
  throw diverged(`the ${what} is ${value}`, step, names);
}

function diverged(what: string, step: number, names: readonly string[]): UserError {
  return new UserError(
    `step ${step}: ${what} on ${names.join(", ")}; the weights were not touched; lower --lr, or add --warmup or --clip-gradient`,
  );
}
