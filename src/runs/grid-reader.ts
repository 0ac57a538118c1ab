// The finished runs of a grid's folder: grid.json, and below runs/ a result.json in the folder of every run that is finished,
// error.txt in that of one that failed. Nothing else of a run is needed but, for pictures, its detections.json.

import { existsSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { UserError } from "../errors.ts";
import { TEXT_COST } from "../files/heap-room.ts";
import { readJsonFile } from "../files/json/file.ts";
import { requireShape } from "../files/json/shape.ts";
import { readTextFile } from "../files/text-file.ts";
import type { Grid, GridResult } from "./grid.ts";
import { gridResultShape, gridShape } from "./grid-shape.ts";

export interface GridFolder {
  readonly grid: Grid;
  readonly results: readonly FinishedRun[];
  /** Folders of runs without a result that left an error, and its first line. */
  readonly failed: readonly { readonly run: string; readonly message: string }[];
}

export interface FinishedRun extends GridResult {
  /** COCO JSON of its test images; may be gone. */
  readonly detectionsFile: string;
}

/** Throws a UserError when `dir` holds no grid, when a file of it is no JSON or not what it should be. */
export function readGridFolder(dir: string): GridFolder {
  const gridFile = join(dir, "grid.json");
  if (!existsSync(gridFile))
    throw new UserError(`${dir}: holds no grid: it has no grid.json; make one with: npx sparsecell experiment`);
  const grid = requireShape<Grid>(readJsonFile(gridFile), gridShape, "this is no grid: give the folder of an experiment");

  const runsDir = join(dir, "runs");
  const names = existsSync(runsDir) ? readdirSync(runsDir).sort() : [];
  const results: FinishedRun[] = [];
  const failed: { run: string; message: string }[] = [];
  for (const name of names) {
    const [resultFile, errorFile] = ["result.json", "error.txt"].map((file) => join(runsDir, name, file));
    if (existsSync(resultFile)) {
      const hint = "this is no result of a run: remove its folder and run the experiment again";
      const result = requireShape<GridResult>(readJsonFile(resultFile), gridResultShape, hint);
      results.push({ ...result, detectionsFile: join(runsDir, name, "detections.json") });
    } else if (existsSync(errorFile)) {
      failed.push({ run: name, message: readTextFile(errorFile, TEXT_COST).split("\n", 1)[0] });
    }
  }
  return { grid: { ...grid, data: datasetOf(grid, dir) }, results, failed };
}

/** A grid's own dataset goes where its folder goes. */
function datasetOf({ data }: Grid, dir: string): string {
  const own = join(dir, "dataset");
  return !existsSync(data) && existsSync(own) ? own : data;
}
