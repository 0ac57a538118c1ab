// What `reproduce` is given: the folder of a run, a grid with one of its units, or a results.json.

import { existsSync } from "node:fs";
import { basename, dirname, join, resolve } from "node:path";
import { UserError } from "../errors.ts";
import type { GridUnit } from "../runs/grid.ts";
import { GridFolder } from "../runs/grid-folder.ts";
import { RunFolder } from "../runs/run-folder.ts";
import { resultsFileOf } from "./results-file.ts";
import { unitNamed } from "./unit-again.ts";

export type Target =
  | { readonly kind: "run"; readonly run: RunFolder }
  | { readonly kind: "unit"; readonly store: GridFolder; readonly unit: GridUnit }
  | { readonly kind: "results"; readonly file: string };

/** Throws a UserError when `path` is none of them, or a run that is not finished. */
export function targetOf(path: string, unit: string | undefined): Target {
  const whole = resolve(path);
  const grid = new GridFolder(existsSync(join(whole, "grid.json")) ? whole : dirname(dirname(whole)));
  if (grid.exists && (grid.dir === whole || dirname(whole) === grid.runsDir)) {
    const units = grid.results().map(({ unit }) => unit);
    return { kind: "unit", store: grid, unit: unitNamed(units, grid.dir === whole ? unit : basename(whole), grid.dir) };
  }
  const run = new RunFolder(path);
  if (run.exists) {
    if (unit !== undefined) throw new UserError(`--unit ${unit}: ${path} is a single run; leave it out`);
    if (!run.isFinished) throw new UserError(`${path}: not finished; resume it first: ${run.resumeCommand}`);
    return { kind: "run", run };
  }
  const file = resultsFileOf(path);
  if (file !== null) return { kind: "results", file };
  throw new UserError(`${path}: expected the folder of a run or of a grid, or a results.json; check the path`);
}
