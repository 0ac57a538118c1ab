// The training loop. One scope a step; what a run needs to go on exactly is its weights, their momentum and the step.

import { backward, clipGradientNorm, Sgd, scope } from "@sparsecell/torch";
import type { Detector, Losses } from "../detector/detector.ts";
import { DivergedError } from "../detector/diverged-error.ts";
import { reason, UserError } from "../errors.ts";
import type { Calibration } from "../methods/calibration.ts";
import type { Random } from "../random.ts";
import type { RunFolder } from "../runs/run-folder.ts";
import type { LogEntry } from "../runs/run-log.ts";
import type { TrainConfig } from "../settings/run-config.ts";
import { type Batches, stepRandom, type TrainingBatch } from "./batches.ts";
import { Checkpoints } from "./checkpoints.ts";
import { saveNonfiniteBatch } from "./nonfinite-batch.ts";
import { learningRate } from "./schedule.ts";

export interface TrainerOptions {
  readonly config: TrainConfig;
  readonly detector: Detector;
  readonly calibration: Calibration;
  readonly batches: Batches;
  readonly run: RunFolder;
  readonly onStep: (entry: LogEntry) => void;
  /** One line for people. */
  readonly onNote: (line: string) => void;
  /** Asked before every step; true ends the training after a checkpoint. */
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

/** So many skipped steps in a row mean that the weights are at fault, not the images. */
export const MOST_SKIPPED = 20;

/**
 * Trains from the run's last checkpoint, or from step 1. A step whose loss or gradient is not finite changes no weight: with
 * `onNonfinite` "skip" it is logged as skipped; otherwise, and after 20 skipped in a row, a UserError names the step and its
 * images, and the run has a checkpoint from before and the batch.
 */
export async function train(options: TrainerOptions): Promise<TrainOutcome> {
  const { config, detector, batches, run, onStep, onNote, shouldStop, probe } = options;
  const optimizer = new Sgd(detector.parameters(), config);
  const checkpoints = new Checkpoints(run.dir);
  let done = restore(options, { optimizer, checkpoints });
  let saved = done;
  let skippedInARow = run.skippedSteps().filter(({ step }, i, { length }) => step === done + 1 - (length - i)).length;
  const checkpoint = (): void => {
    run.syncLog();
    checkpoints.write({ step: done, model: detector.state(), momentum: optimizer.state() }, config.keepCheckpoints);
    saved = done;
  };
  try {
    while (done < config.steps) {
      if (shouldStop()) {
        if (saved < done) checkpoint();
        return { step: done, finished: false };
      }
      const step = done + 1;
      if (probe?.at(step)) await probe.look(detector, { step, progress: done / config.steps });
      const random = stepRandom(config.seed, step);
      const batch = await batches.at(step, random);
      const start = performance.now();
      const seconds = (): number => (performance.now() - start) / 1000;
      try {
        const entry = scope(() => trainStep(options, optimizer, { step, batch, random }));
        run.append(entry, seconds());
        skippedInARow = 0;
        done = step;
        onStep(entry);
      } catch (error) {
        if (!(error instanceof DivergedError)) throw error;
        const what = `${error.message} on ${batch.names.join(", ")}`;
        if (config.onNonfinite === "stop" || ++skippedInARow > MOST_SKIPPED) {
          if (saved < done || !run.hasCheckpoint) checkpoint();
          throw await diverged(options, { step, what, batch });
        }
        onNote(`step ${step} is skipped: ${what}`);
        run.append({ step, skipped: what }, seconds());
        done = step;
      }
      if (done % config.checkpointEvery === 0 && done < config.steps) checkpoint();
    }
    return { step: done, finished: true };
  } finally {
    optimizer.release();
  }
}

/** Takes over the run's last checkpoint and returns how many steps are done. */
function restore(
  { detector, run, onNote }: TrainerOptions,
  { optimizer, checkpoints }: { optimizer: Sgd; checkpoints: Checkpoints },
): number {
  return scope(() => {
    const checkpoint = checkpoints.read(onNote);
    if (checkpoint) {
      try {
        detector.loadState(checkpoint.model);
        optimizer.loadState(checkpoint.momentum);
      } catch (error) {
        throw new UserError(`${run.dir}: its checkpoint is of another model than its config.json: ${reason(error)}; train anew`);
      }
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

/** Throws a DivergedError, before any weight is touched, when a loss or a gradient is not finite. */
function trainStep({ config, detector, calibration }: TrainerOptions, optimizer: Sgd, { step, batch, random }: Step): LogEntry {
  const progress = (step - 1) / config.steps;
  const losses = detector.losses(batch.images, batch.truths, { calibration, progress, random });
  const values = finiteValues(losses);
  try {
    backward(losses.rpnClass.add(losses.rpnBox).add(losses.roiClass).add(losses.roiBox));
    requireFinite(clipGradientNorm(detector.parameters().values(), config.clipGradient ?? Infinity), "gradient norm");
    optimizer.lr = learningRate(config, step);
    optimizer.step();
  } finally {
    optimizer.zeroGrad(); // gradients would be as large as the weights until the next step
  }
  const loss = values.rpnClass + values.rpnBox + values.roiClass + values.roiBox;
  return { step, loss, ...values, lr: optimizer.lr };
}

function finiteValues(losses: Losses): { [part in keyof Losses]: number } {
  const value = (part: keyof Losses): number => requireFinite(losses[part].item(), part);
  return { rpnClass: value("rpnClass"), rpnBox: value("rpnBox"), roiClass: value("roiClass"), roiBox: value("roiBox") };
}

function requireFinite(value: number, what: string): number {
  if (Number.isFinite(value)) return value;
  throw new DivergedError(`the ${what} is ${value}`);
}

/** Saves the batch; what to say of it. */
async function diverged(
  { config, run }: TrainerOptions,
  { step, what, batch }: { step: number; what: string; batch: TrainingBatch },
): Promise<UserError> {
  const kept = await saveNonfiniteBatch(run.dir, { ...batch, step, seed: config.seed, what }).then(
    (folder) => `the batch is in ${folder}`,
    (error) => `the batch could not be saved: ${reason(error)}`,
  );
  const [fault, further] =
    config.onNonfinite === "stop"
      ? [`step ${step}: ${what}`, `, or leave such steps out: ${run.resumeCommand} --on-nonfinite skip`]
      : [`step ${step}: ${what}, and the ${MOST_SKIPPED} steps before it were skipped`, ""];
  return new UserError(
    `${fault}; the weights were not touched; ${kept}; lower --lr, or add --warmup or --clip-gradient${further}`,
  );
}
