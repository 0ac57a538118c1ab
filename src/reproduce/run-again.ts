// A run of `train` again: with its settings, on what it learned from, into another folder.

import { existsSync } from "node:fs";
import { join } from "node:path";
import { isDeepStrictEqual } from "node:util";
import { type Dataset, imagesOf } from "../data/dataset.ts";
import { detectSplit } from "../detect/dataset-split.ts";
import { UserError } from "../errors.ts";
import { writeFileAtomic } from "../files/atomic-write.ts";
import { readJsonFile } from "../files/json/file.ts";
import { numberIn, objectOf, optional, requireShape } from "../files/json/shape.ts";
import type { RunFolder } from "../runs/run-folder.ts";
import type { TrainConfig } from "../settings/training.ts";
import { type RunOptions, runTraining } from "../train/run.ts";
import { type Ending, endingOf } from "./ending.ts";

export interface RunAgain extends Pick<RunOptions, "onStep" | "onNote" | "shouldStop"> {
  /** The finished run. */
  readonly run: RunFolder;
  /** Where it is run again; an interrupted one is resumed. */
  readonly again: RunFolder;
  readonly config: TrainConfig;
  readonly dataset: Dataset;
  /** Its test images, where the run was evaluated on some. */
  readonly test: Dataset;
}

/** Throws a UserError when `again` holds a run with other settings: it would be compared, or resumed, as if it were this one. */
export function requireAgain(again: RunFolder, config: TrainConfig): void {
  if (!again.exists) return;
  const earlier = again.record().config;
  const free: readonly string[] = ["data", "test", "weights", "onNonfinite"]; // where things are, and what may change on a resume
  const now = JSON.parse(JSON.stringify(config)) as TrainConfig; // as it comes from the file
  const changed = Object.keys({ ...earlier, ...now })
    .filter((key) => !free.includes(key))
    .find((key) => !isDeepStrictEqual(earlier[key as keyof TrainConfig], now[key as keyof TrainConfig]));
  if (changed) throw new UserError(`${again.dir}: holds another run, with another ${changed}; pass another folder to --out`);
}

/** Both endings; null when it was stopped, which leaves a checkpoint. */
export async function runAgain(options: RunAgain): Promise<{ then: Ending; now: Ending } | null> {
  const { run, again, config, dataset, test, onNote } = options;
  const then = await endingOf(run, measuresOf(run));
  if (!again.isFinished) {
    const { plan } = run.record();
    const outcome = await runTraining({ ...options, run: again, config, dataset, plan });
    if (!outcome.finished) return null;
  }
  if (Object.keys(then.measures).length > 0 && !existsSync(evaluationFile(again)) && imagesOf(test, "test").length > 0) {
    const { device, dtype } = config;
    const { evaluation } = await detectSplit({ dataset: test, split: "test", model: again.modelFile, device, dtype, onNote });
    writeFileAtomic(evaluationFile(again), `${JSON.stringify(evaluation, null, 2)}\n`);
  }
  return { then, now: await endingOf(again, measuresOf(again)) };
}

const evaluationFile = ({ dir }: RunFolder): string => join(dir, "evaluation.json");

const fraction = numberIn({ least: 0, most: 1 });
const names = ["ap11", "recall", "precision", "bestF1"] as const;
const evaluationShape = objectOf(Object.fromEntries(names.map((name) => [name, optional(fraction)])));

/** Of a run that `train` has evaluated; empty for one that it has not. */
function measuresOf(run: RunFolder): Ending["measures"] {
  const file = evaluationFile(run);
  if (!existsSync(file)) return {};
  const hint = "this is not an evaluation; remove the file";
  const evaluation = requireShape<Record<string, number>>(readJsonFile(file), evaluationShape, hint);
  return Object.fromEntries(names.filter((name) => name in evaluation).map((name) => [name, evaluation[name]]));
}
