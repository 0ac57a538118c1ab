// The names of a run's checkpoints: checkpoint.safetensors is the newest, checkpoint-STEP.safetensors are those before it.

import { existsSync, readdirSync } from "node:fs";
import { join } from "node:path";

export const newestCheckpoint = (dir: string): string => join(dir, "checkpoint.safetensors");
export const olderCheckpoint = (dir: string, step: number): string => join(dir, `checkpoint-${step}.safetensors`);

/** The step in an older checkpoint's name; NaN for the newest. */
export const checkpointStep = (file: string): number => Number(/-(\d+)\.safetensors$/.exec(file)?.[1]);

/** Paths of the checkpoints in `dir`, the newest first; none when the folder does not exist. */
export function checkpointFiles(dir: string): string[] {
  const names = existsSync(dir) ? readdirSync(dir) : [];
  const older = names.filter((name) => /^checkpoint-\d+\.safetensors$/.test(name)).map((name) => join(dir, name));
  const newest = newestCheckpoint(dir);
  return [...(existsSync(newest) ? [newest] : []), ...older.sort((a, b) => checkpointStep(b) - checkpointStep(a))];
}
