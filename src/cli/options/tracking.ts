// `--track`: what follows a training.

import { InvalidArgumentError } from "commander";
import { type TrackerName, trackerNames } from "../../tracking/names.ts";
import type { Look } from "../../tracking/picture.ts";
import type { Ending } from "../../tracking/sink.ts";
import { readTrackers, writeTrackers } from "../../tracking/tracking-file.ts";

export function parseTrackers(text: string): TrackerName[] {
  const names = text.split(",").map((name) => name.trim());
  const unknown = names.find((name) => !trackerNames.some((known) => known === name));
  if (unknown !== undefined) throw new InvalidArgumentError(`"${unknown}" is unknown; it takes ${trackerNames.join(", ")}.`);
  return [...new Set(names as TrackerName[])];
}

/** Throws a UserError when one lacks what it needs from the environment. Long work asks this before it starts. */
export async function requireTrackers(names: readonly TrackerName[] = []): Promise<void> {
  if (!names.includes("mlflow")) return;
  const { addressOf } = await import("../../tracking/mlflow.ts");
  addressOf(process.env);
}

/** Those that are given, which a run remembers, else those that it remembers. */
export function trackersOf(dir: string, given?: readonly TrackerName[]): readonly TrackerName[] {
  if (given) writeTrackers(dir, given);
  return given ?? readTrackers(dir);
}

interface TrackedOptions {
  /** The run's folder. */
  readonly dir: string;
  readonly names: readonly TrackerName[];
  readonly onNote: (line: string) => void;
}

/** Runs a training with its trackers. `onLook`: undefined where nothing is tracked. */
export async function tracked<T extends { readonly finished: boolean }>(
  { dir, names, onNote }: TrackedOptions,
  training: (onLook?: (look: Look) => void) => Promise<T>,
): Promise<T> {
  if (names.length === 0) return training();
  const { Tracker } = await import("../../tracking/tracker.ts");
  const tracker = new Tracker({ dir, names, env: process.env, onNote });
  let ending: Ending = "failed";
  try {
    const outcome = await training((look) => tracker.look(look));
    ending = outcome.finished ? "finished" : "stopped";
    return outcome;
  } finally {
    await tracker.close(ending);
  }
}
