// evaluation.json of a run: how good its model is on its test images, if there are any.

import { existsSync } from "node:fs";
import { join } from "node:path";
import type { Evaluation } from "../evaluate/evaluation.ts";
import { readJsonFile } from "../files/json/file.ts";
import { numberIn, objectOf, requireShape } from "../files/json/shape.ts";
import type { RunFolder } from "./run-folder.ts";

export const evaluationFile = ({ dir }: Pick<RunFolder, "dir">): string => join(dir, "evaluation.json");

/** What is read of it again: in all, not by category. */
export type RunEvaluation = Omit<Evaluation, "perCategory">;

const fraction = numberIn({ least: 0, most: 1 });
const count = numberIn({ least: 0, whole: true });
const shape = objectOf({ images: count, truths: count, ap11: fraction, bestF1: fraction, bestF1Score: fraction });

/** Null where the model was not evaluated. Throws a UserError when the file is damaged. */
export function readEvaluation(run: Pick<RunFolder, "dir">): RunEvaluation | null {
  const file = evaluationFile(run);
  if (!existsSync(file)) return null;
  const remedy = "this is not the evaluation of a run; remove it and run: npx sparsecell train --resume with the run's folder";
  return requireShape<RunEvaluation>(readJsonFile(file), shape, remedy);
}
