// The training loop. One scope a step; what a run needs to resume exactly is its weights, their momentum, what the procedure
// remembers, and the step.

import { backward, clipGradientNorm, Sgd, scope } from "@sparsecell/torch";
import type { Detector } from "../detector/detector.ts";
import { DivergedError } from "../detector/diverged-error.ts";
import { reason, UserError } from "../errors.ts";
import type { Procedure, StepLosses, TrainingStep } from "../procedures/procedure.ts";
import { type RandomFor, stepRandom } from "../random.ts";
import type { RunFolder } from "../runs/run-folder.ts";
import { type LogEntry, reservedKeys } from "../runs/run-log.ts";
import type { TrainConfig } from "../settings/training.ts";
import type { Batches } from "./batches.ts";
import { type Checkpoint, Checkpoints } from "./checkpoints.ts";
import { saveNonfiniteBatch } from "./nonfinite-batch.ts";
import { OthersFailed, type Processes } from "./processes.ts";
import { learningRate } from "./schedule.ts";
import { type SharedLosses, sharedLosses } from "./shared-losses.ts";
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
  /** That share this training; the batches are this one's shares then. */
  readonly processes?: Processes | null;
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

/** Bytes a second: a slower one makes the other processes believe that the first has died while it writes a checkpoint. */
const SLOW_DISK = 20e6;
/** Seconds: reading a checkpoint and starting threads take longer in one than in another. */
const SLACK_TO_START = 40;

/**
 * Trains from the run's last checkpoint, or from step 1. A step whose loss or gradient is not finite changes no weight: with
 * `onNonfinite` "skip" it is logged as skipped; otherwise, and after 20 skipped in a row, a UserError names the step and its
 * images, and the run has a checkpoint from before and the batch.
 */
export async function train(options: TrainerOptions): Promise<TrainOutcome> {
  const { config, detector, procedure, batches, run, onStep, onNote, shouldStop, probe, validation, search } = options;
  const { processes = null } = options;
  const optimizer = new Sgd(detector.parameters(), config);
  const checkpoints = new Checkpoints(run.dir);
  let done = 0;
  let saved = 0;
  const looks = new Set((procedure.looks ?? []).map((part) => Math.max(1, Math.round(part * config.steps))));
  const checkpoint = (): void => {
    run.syncLog();
    requireSame(run.writes ? config.keepCheckpoints : 0);
    saved = done;
  };
  /** Keeps so many checkpoints, this one included; all processes are at the same step with the same weights then. */
  const requireSame = (keep: number): void => {
    const { digest, bytes } = scope(() =>
      checkpoints.write(
        {
          step: done,
          model: detector.state(),
          momentum: optimizer.state(),
          procedure: procedure.state?.() ?? new Map(),
          average: validation?.state(),
        },
        keep,
      ),
    );
    processes?.requireSame(digest, { step: done, slack: bytes / SLOW_DISK });
  };
  try {
    done = saved = restore(options, { optimizer, checkpoints });
    if (processes) requireSameStep(processes, done);
    let skippedInARow = run.skippedSteps().filter(({ step }, i, { length }) => step === done + 1 - (length - i)).length;
    while (done < config.steps) {
      const exhausted = validation?.isExhausted ?? false;
      if (!processes && exhausted) break;
      await turn();
      const [stops, isOver] = processes?.sum([Number(shouldStop()), Number(processes.isFirst && exhausted)]) ?? [
        shouldStop(),
        false,
      ];
      if (isOver) break;
      if (stops) {
        if (saved < done) checkpoint();
        return { step: done, finished: false };
      }
      const step = done + 1;
      const progress = done / config.steps;
      if (probe?.at(step)) await probe.look(detector, { step, progress });
      const ofBatch = stepRandom(config.seed, step);
      const random: RandomFor = processes ? (image, use) => ofBatch(processes.imageOf(image), use) : ofBatch;
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
        const what = `${error.message} on ${batches.names(step).join(", ")}`;
        if (config.onNonfinite === "stop" || ++skippedInARow > MOST_SKIPPED) {
          const isUnsaved = saved < done || !run.hasCheckpoint;
          if (processes?.any(isUnsaved) ?? isUnsaved) checkpoint();
          throw await diverged(options, { step, what });
        }
        onNote(`step ${step} skipped: ${what}`);
        run.append({ step, skipped: what }, seconds());
        done = step;
      }
      await validation?.afterStep(step, { changed: skippedInARow === 0 });
      if (search && looks.has(step)) procedure.look?.(await search.find(detector));
      if (done % config.checkpointEvery === 0 && done < config.steps) checkpoint();
    }
    if (processes) requireSame(0);
    return { step: done, finished: true };
  } finally {
    optimizer.release();
  }
}

function requireSameStep(processes: Processes, done: number): void {
  const steps = processes.each(done, SLACK_TO_START);
  const other = steps.findIndex((step) => step !== steps[0]);
  if (other !== -1)
    throw new UserError(
      `process ${other} of ${processes.size}: has the checkpoint of step ${steps[other]}, process 0 that of step ${steps[0]}; the run's folder must be one that all see`,
    );
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
function trainStep({ config, procedure, processes }: TrainerOptions, optimizer: Sgd, step: TrainingStep): LogEntry {
  const losses = (): StepLosses => procedure.losses(step);
  const { objective, parts, observed } = processes ? sharedLosses(processes, losses) : ownLosses(losses());
  requireNamesAndNumbers(parts);
  const parameters = step.detector.parameters();
  try {
    backward(objective);
    processes?.sumGradients([...parameters.values()]);
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

/** Of a training on one process. */
function ownLosses({ losses, observed = {} }: StepLosses): SharedLosses {
  const parts = Object.fromEntries(Object.entries(losses).map(([name, loss]) => [name, loss.item()]));
  return { objective: Object.values(losses).reduce((sum, part) => sum.add(part)), parts, observed };
}

function requireNamesAndNumbers(parts: Readonly<Record<string, number>>): void {
  const reserved = Object.keys(parts).find((name) => reservedKeys.some((key) => key === name));
  if (reserved) throw new RangeError(`a loss cannot be named "${reserved}": the log has a key of that name`);
  for (const [name, loss] of Object.entries(parts)) requireFinite(loss, name);
}

function requireFinite(value: number, what: string): number {
  if (Number.isFinite(value)) return value;
  throw new DivergedError(`the ${what} is ${value}`);
}

/** Saves the batch; what to say of it. */
async function diverged(
  { config, run, batches, processes }: TrainerOptions,
  { step, what }: { step: number; what: string },
): Promise<Error> {
  if (processes && !processes.isFirst) {
    processes.any(false); // the first one has saved the batch
    return new OthersFailed(`step ${step}: ${what}`);
  }
  const kept = await batches
    .whole(step)
    .then((batch) => saveNonfiniteBatch(run.dir, { ...batch, step, seed: config.seed, what }))
    .then(
      (folder) => `the batch is in ${folder}`,
      (error) => `the batch could not be saved: ${reason(error)}`,
    );
  processes?.any(false);
  const [fault, further] =
    config.onNonfinite === "stop"
      ? [`step ${step}: ${what}`, `, or leave such steps out: ${run.resumeCommand} --on-nonfinite skip`]
      : [`step ${step}: ${what}, and the ${MOST_SKIPPED} steps before it were skipped`, ""];
  return new UserError(
    `${fault}; the weights were not touched; ${kept}; lower --lr, or add --warmup or --clip-gradient${further}`,
  );
}
