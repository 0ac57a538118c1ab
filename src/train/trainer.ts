// The training loop. One scope a step; what a run needs to resume exactly is its weights, their momentum, what the procedure
// remembers, and the step.

import { backward, clipGradientNorm, Sgd, scope } from "@sparsecell/torch";
import type { Detector } from "../detector/detector.ts";
import { DivergedError } from "../detector/diverged-error.ts";
import { reason, UserError } from "../errors.ts";
import type { NamedLosses, Procedure, TrainingBatch, TrainingStep } from "../procedures/procedure.ts";
import { stepRandom } from "../random.ts";
import type { RunFolder } from "../runs/run-folder.ts";
import { type LogEntry, reservedKeys } from "../runs/run-log.ts";
import type { TrainConfig } from "../settings/training.ts";
import type { Batches } from "./batches.ts";
import { type Checkpoint, Checkpoints } from "./checkpoints.ts";
import { saveNonfiniteBatch } from "./nonfinite-batch.ts";
import { learningRate } from "./schedule.ts";
import type { TrainingSearch } from "./training-search.ts";
import type { Validation } from "./validation.ts";

export interface TrainerOptions {
  readonly config: TrainConfig;
  readonly detector: Detector;
  readonly procedure: Procedure;
  readonly batches: Batches;
  readonly run: RunFolder;
  readonly onStep: (entry: LogEntry) => void;
  /** One line for people. */
  readonly onNote: (line: string) => void;
  /** Asked before every step; true ends the training after a checkpoint. */
  readonly shouldStop: () => boolean;
  readonly probe?: Probe;
  readonly validation?: Validation;
  /** For a procedure that looks at what the detector finds. */
  readonly search?: Pick<TrainingSearch, "find">;
}

/** Looks at the detector while it learns, and leaves it as it is. */
export interface Probe {
  /** Before which steps. */
  readonly at: (step: number) => boolean;
  readonly look: (detector: Detector, moment: { readonly step: number; readonly progress: number }) => Promise<void>;
}

/** How a training ended. */
export interface TrainOutcome {
  /** Steps that are done. */
  readonly step: number;
  readonly finished: boolean;
}

/** After this many consecutive skipped steps the weights, not the images, are to blame. */
export const MOST_SKIPPED = 20;

/**
 * Trains from the run's last checkpoint, or from step 1. A step whose loss or gradient is not finite changes no weight: with
 * `onNonfinite` "skip" it is logged as skipped; otherwise, and after 20 skipped in a row, a UserError names the step and its
 * images, and the run has a checkpoint from before and the batch.
 */
export async function train(options: TrainerOptions): Promise<TrainOutcome> {
  const { config, detector, procedure, batches, run, onStep, onNote, shouldStop, probe, validation, search } = options;
  const optimizer = new Sgd(detector.parameters(), config);
  const checkpoints = new Checkpoints(run.dir);
  let done = 0;
  let saved = 0;
  const looks = new Set((procedure.looks ?? []).map((part) => Math.max(1, Math.round(part * config.steps))));
  const checkpoint = (): void => {
    run.syncLog();
    scope(() =>
      checkpoints.write(
        {
          step: done,
          model: detector.state(),
          momentum: optimizer.state(),
          procedure: procedure.state?.() ?? new Map(),
          average: validation?.state(),
        },
        config.keepCheckpoints,
      ),
    );
    saved = done;
  };
  try {
    done = saved = restore(options, { optimizer, checkpoints });
    let skippedInARow = run.skippedSteps().filter(({ step }, i, { length }) => step === done + 1 - (length - i)).length;
    while (done < config.steps && !validation?.isExhausted) {
      await turn();
      if (shouldStop()) {
        if (saved < done) checkpoint();
        return { step: done, finished: false };
      }
      const step = done + 1;
      const progress = done / config.steps;
      if (probe?.at(step)) await probe.look(detector, { step, progress });
      const random = stepRandom(config.seed, step);
      const batch = await batches.at(step);
      const start = performance.now();
      const seconds = (): number => (performance.now() - start) / 1000;
      try {
        const entry = scope(() => trainStep(options, optimizer, { detector, batch, step, progress, random }));
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
        onNote(`step ${step} skipped: ${what}`);
        run.append({ step, skipped: what }, seconds());
        done = step;
      }
      await validation?.afterStep(step, { changed: skippedInARow === 0 });
      if (search && looks.has(step)) procedure.look?.(await search.find(detector));
      if (done % config.checkpointEvery === 0 && done < config.steps) checkpoint();
    }
    return { step: done, finished: true };
  } finally {
    optimizer.release();
  }
}

/** Of the event loop: a loader that is ahead of the steps answers in one and the same, in which no signal arrives. */
const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

/** Takes over the run's last checkpoint and returns how many steps are done. */
function restore(
  { detector, procedure, run, onNote, validation }: TrainerOptions,
  { optimizer, checkpoints }: { optimizer: Sgd; checkpoints: Checkpoints },
): number {
  return scope(() => {
    const checkpoint = checkpoints.read(onNote);
    if (checkpoint) {
      try {
        detector.loadState(checkpoint.model);
        optimizer.loadState(checkpoint.momentum);
        restoreProcedure(procedure, checkpoint.procedure);
        validation?.restore(checkpoint.step, checkpoint.average ?? new Map());
      } catch (error) {
        throw new UserError(
          `${run.dir}: its checkpoint does not fit its config.json: ${reason(error)}; start a new run with another --out`,
        );
      }
    }
    run.removeUnfinishedFiles();
    run.rewindLog(checkpoint?.step ?? 0);
    if (!checkpoint) validation?.restore(0, null);
    return checkpoint?.step ?? 0;
  });
}

function restoreProcedure(procedure: Procedure, state: Checkpoint["procedure"]): void {
  if (procedure.loadState) procedure.loadState(state);
  else if (state.size > 0) throw new Error(`unexpected state of another method (${[...state.keys()].slice(0, 3).join(", ")})`);
}

/** Throws a DivergedError, before any weight is touched, when a loss or a gradient is not finite. */
function trainStep({ config, procedure }: TrainerOptions, optimizer: Sgd, step: TrainingStep): LogEntry {
  const { losses, observed = {} } = procedure.losses(step);
  const parts = finiteValues(losses);
  const parameters = step.detector.parameters();
  try {
    backward(Object.values(losses).reduce((sum, part) => sum.add(part)));
    procedure.afterBackward?.(step);
    requireFinite(clipGradientNorm(parameters.values(), config.clipGradient ?? Infinity), "gradient norm");
    optimizer.lr = learningRate(config, step.step);
    optimizer.step();
  } finally {
    optimizer.zeroGrad(); // gradients would be as large as the weights until the next step
  }
  procedure.afterStep?.(step, observed);
  const loss = Object.values(parts).reduce((sum, part) => sum + part, 0);
  const report = procedure.report?.();
  return { step: step.step, loss, parts, lr: optimizer.lr, ...(report && { report }) };
}

function finiteValues(losses: NamedLosses): Record<string, number> {
  const reserved = Object.keys(losses).find((name) => reservedKeys.some((key) => key === name));
  if (reserved) throw new RangeError(`a loss cannot be named "${reserved}": the log has a key of that name`);
  return Object.fromEntries(Object.entries(losses).map(([name, loss]) => [name, requireFinite(loss.item(), name)]));
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
