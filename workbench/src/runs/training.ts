// One training that is watched, from what its folder has so far.

import { closeSync, existsSync, fstatSync, openSync, readdirSync, readSync, statSync } from "node:fs";
import { join } from "node:path";
import type { Curves, WatchedTraining, WindowPicture } from "../api.ts";
import { isLocked, isObject, RunFolder, readJsonFile, shapes } from "../sparsecell.ts";

const { anyText, listOf, requireShape } = shapes;

export interface TrainingPlace {
  readonly id: string;
  readonly name: string;
  readonly dir: string;
  readonly steps: number;
  /** Why it failed, if it did. */
  readonly error: string | null;
  readonly isFinished: boolean;
}

export function trainingAt({ id, name, dir, steps, error, isFinished }: TrainingPlace): WatchedTraining {
  const step = isFinished ? steps : lastNumber(join(dir, "log.jsonl"), "step");
  const phase = phaseOf();
  return { id, name, phase, step, steps, secondsLeft: phase === "training" ? secondsLeft() : null, error };

  function phaseOf(): WatchedTraining["phase"] {
    if (isFinished) return "finished";
    if (isLocked(dir)) return "training";
    if (error !== null) return "failed";
    return step === 0 ? "waiting" : "stopped";
  }

  /** By the last steps, of which some measure on held-out marks. */
  function secondsLeft(): number | null {
    const recent = lastLines(join(dir, "timings.jsonl")).flatMap(({ seconds }) => (typeof seconds === "number" ? [seconds] : []));
    if (recent.length === 0) return null;
    const mean = recent.reduce((sum, each) => sum + each, 0) / recent.length;
    return Math.round(mean * Math.max(0, steps - step));
  }
}

/** Throws a UserError when a log is damaged. */
export function curvesOf(dir: string): Curves {
  const run = new RunFolder(dir);
  return {
    loss: run.log().map(({ step, loss }) => ({ step, loss })),
    heldOut: run.validation
      .lines()
      .map(({ step, marks, found, measure }) => ({ step, recall: marks === 0 ? 0 : found / marks, measure })),
  };
}

/** `train --pictures` names them STEP-N.jpg, and in windows.json the image of each N. */
export function picturesIn(folder: string): WindowPicture[] {
  const windows = join(folder, "windows.json");
  if (!existsSync(windows)) return [];
  const images = requireShape<string[]>(readJsonFile(windows), listOf(anyText), "this is not a list of images; remove the file");
  return readdirSync(folder)
    .flatMap((file) => {
      const [, step, n] = /^(\d+)-(\d+)\.jpg$/.exec(file) ?? [];
      return step === undefined ? [] : [{ step: Number(step), image: images[Number(n) - 1] ?? "", file }];
    })
    .sort((a, b) => a.step - b.step || (a.file < b.file ? -1 : 1));
}

/** What changes when the training goes on. */
export const traceOf = (dir: string): string =>
  ["config.json", "log.jsonl", "validation.jsonl", "model.safetensors", "result.json", "error.txt", "pictures"]
    .map((name) => {
      const status = statSync(join(dir, name), { throwIfNoEntry: false });
      return status ? `${status.size} ${status.mtimeMs}` : "-";
    })
    .concat(String(isLocked(dir)))
    .join();

function lastNumber(file: string, key: string): number {
  const value = lastLines(file).at(-1)?.[key];
  return typeof value === "number" ? value : 0;
}

const TAIL = 8192; // bytes

/** The last whole lines of a file of JSON; none where there is no file. */
function lastLines(file: string): { readonly [key: string]: unknown }[] {
  let bytes: Buffer;
  try {
    const handle = openSync(file, "r");
    try {
      const { size } = fstatSync(handle);
      bytes = Buffer.alloc(Math.min(size, TAIL));
      readSync(handle, bytes, 0, bytes.length, size - bytes.length);
    } finally {
      closeSync(handle);
    }
  } catch {
    return [];
  }
  return bytes
    .toString()
    .split("\n")
    .slice(0, -1)
    .flatMap((line) => {
      try {
        const value: unknown = JSON.parse(line);
        return isObject(value) ? [value] : [];
      } catch {
        return []; // the first one may be cut
      }
    });
}
