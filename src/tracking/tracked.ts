// A training with what follows it.

import type { TrackerName } from "./names.ts";
import type { Look } from "./picture.ts";
import type { Ending } from "./sink.ts";
import { readTrackers, writeTrackers } from "./tracking-file.ts";

/** Those that are given, which the folder of a run or of a grid remembers, else those that it remembers. */
export function trackersOf(dir: string, given?: readonly TrackerName[]): readonly TrackerName[] {
  if (given) writeTrackers(dir, given);
  return given ?? readTrackers(dir);
}

export interface TrackedOptions {
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
  const { Tracker } = await import("./tracker.ts");
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
