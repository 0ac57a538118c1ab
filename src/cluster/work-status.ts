// The status of any folder in which work is done: a grid, the slides of `predict`, or one training.

import { existsSync, realpathSync } from "node:fs";
import { join } from "node:path";
import { UserError } from "../errors.ts";
import { isLocked } from "../files/folder-lock.ts";
import { type GridRecord, unitId, unitsOf } from "../runs/grid.ts";
import { GridFolder } from "../runs/grid-folder.ts";
import { RunFolder } from "../runs/run-folder.ts";
import { type Attempts, attemptedStatus, attemptsIn } from "./attempts.ts";
import { isDone } from "./elements.ts";
import { jobFolders } from "./job-folder.ts";
import { type PieceStatus, type WorkStatus, workStatus } from "./status.ts";

export interface FolderStatus {
  readonly status: WorkStatus;
  /** Why Slurm's queue could not be asked; null when it was, or when nothing was submitted. */
  readonly silent: string | null;
}

/** Throws a UserError when nothing of the kind is in the folder. */
export function statusOf(dir: string): FolderStatus {
  if (!existsSync(dir)) throw new UserError(`${dir}: no such folder; check the path`);
  if (new GridFolder(dir).exists) return gridStatus(dir);
  if (jobFolders(dir).length > 0) return slidesStatus(dir);
  if (new RunFolder(dir).exists) return { status: runStatus(dir), silent: null };
  throw new UserError(`${dir}: is not a grid, a run or a folder that was submitted with --executor slurm; check the path`);
}

function gridStatus(dir: string): FolderStatus {
  const store = new GridFolder(dir);
  const record = store.record();
  const attempts = attemptsIn(dir);
  const errors = new Map(store.failed().map(({ run, message }) => [run, message]));
  const driven = isLocked(dir); // by an `experiment` on this machine or another
  const pieces = unitsOf({ ...record, folds: foldsOf(record) }).map((unit): PieceStatus => {
    const name = unitId(unit);
    const run = store.run(unit);
    if (existsSync(join(run.dir, "result.json"))) return { name, state: "done" };
    const error = errors.get(name) ?? null;
    const steps = run.exists ? { step: run.log().at(-1)?.step ?? 0, steps: record.train.steps } : {};
    const submitted = fromAttempts(name, attempts, error);
    if (submitted && submitted.state !== "left" && submitted.state !== "failed") return { name, ...submitted, ...steps };
    if (isLocked(run.dir)) return { name, state: "running", ...steps };
    if (submitted) return { name, ...submitted, ...steps };
    if (error !== null && !driven) return { name, state: "failed", reason: error, log: join(run.dir, "error.txt"), ...steps };
    return { name, state: driven ? "waiting" : "left", ...steps };
  });
  const seconds = store.results().map(({ totalSeconds }) => totalSeconds);
  const status = workStatus({ dir, kind: "grid", pieces, secondsLeft: secondsLeft(pieces, median(seconds)) });
  return { status, silent: attempts.silent };
}

function slidesStatus(dir: string): FolderStatus {
  const attempts = attemptsIn(dir);
  const elements = new Map(jobFolders(dir).flatMap((folder) => folder.elements().map((element) => [element.name, element])));
  const pieces = [...elements.values()].map((element): PieceStatus => {
    const { name } = element;
    const submitted = fromAttempts(name, attempts, null);
    const isActive = submitted?.state === "running" || submitted?.state === "waiting"; // also to overwrite what is there
    return submitted === null || (isDone(element) && !isActive) ? { name, state: "done" } : { name, ...submitted };
  });
  return { status: workStatus({ dir, kind: "slides", pieces, secondsLeft: null }), silent: attempts.silent };
}

/** Of one training, which no queue knows. */
function runStatus(dir: string): WorkStatus {
  const run = new RunFolder(dir);
  const { steps } = run.record().config;
  const step = run.log().at(-1)?.step ?? 0;
  const state = run.isFinished ? "done" : isLocked(dir) ? "running" : "left";
  const pace = median(run.stepTimes().map(({ seconds }) => seconds));
  const secondsLeft = state === "running" && pace !== null ? pace * (steps - step) : null;
  return workStatus({ dir, kind: "run", pieces: [{ name: realpathSync(dir), state, step, steps }], secondsLeft });
}

function fromAttempts(name: string, { byName, silent }: Attempts, error: string | null) {
  const attempt = byName.get(name);
  return attempt ? attemptedStatus(attempt, { silent: silent !== null, error }) : null;
}

const foldsOf = ({ folds, wantedFolds }: GridRecord): readonly number[] =>
  wantedFolds ?? Array.from({ length: folds }, (_, fold) => fold);

/** Of what runs and waits, as many at a time as run now, when one takes `seconds`. */
export function secondsLeft(pieces: readonly PieceStatus[], seconds: number | null): number | null {
  const running = pieces.filter(({ state }) => state === "running");
  if (seconds === null || running.length === 0) return null;
  const waiting = pieces.filter(({ state }) => state === "waiting");
  const work = [...running, ...waiting].reduce((sum, { step = 0, steps = 1 }) => sum + 1 - Math.min(1, step / steps), 0);
  return (seconds * work) / running.length;
}

function median(values: readonly number[]): number | null {
  return values.length === 0 ? null : [...values].sort((a, b) => a - b)[values.length >> 1];
}
