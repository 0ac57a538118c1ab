// tracking.json of a run: what follows its logs, so that a resumed training is tracked as before.

import { existsSync } from "node:fs";
import { join } from "node:path";
import { writeFileAtomic } from "../files/atomic-write.ts";
import { readJsonFile } from "../files/json/file.ts";
import { listOf, objectOf, oneOf, requireShape } from "../files/json/shape.ts";
import { type TrackerName, trackerNames } from "./names.ts";

const fileOf = (dir: string): string => join(dir, "tracking.json");
const shape = objectOf({ track: listOf(oneOf(...trackerNames)) });

export const writeTrackers = (dir: string, track: readonly TrackerName[]): void =>
  writeFileAtomic(fileOf(dir), `${JSON.stringify({ track })}\n`);

/** None where the run is not tracked. Throws a UserError when the file is damaged. */
export function readTrackers(dir: string): readonly TrackerName[] {
  if (!existsSync(fileOf(dir))) return [];
  const remedy = "this does not say what tracks the run; remove it, and pass --track again";
  return requireShape<{ readonly track: TrackerName[] }>(readJsonFile(fileOf(dir)), shape, remedy).track;
}
