// One run of a grid again, in a grid of its own, and the same of a results.json, which has only the measures of its runs.

import { UserError } from "../errors.ts";
import { runUnit, trainingOf, type UnitOptions } from "../experiment/unit.ts";
import { mainMetrics } from "../report/grid/metrics.ts";
import { type GridRecord, type GridResult, type GridUnit, unitId } from "../runs/grid.ts";
import type { GridFolder } from "../runs/grid-folder.ts";
import { type Ending, endingOf } from "./ending.ts";
import { compareRecorded, type Found, locate } from "./recorded.ts";

/** Where dataset and weights are on this machine, if not where the grid had them. */
export interface Places {
  readonly data?: string;
  readonly weights?: string;
}

/** Throws a UserError that names some of the units when `id` is none of them. */
export function unitNamed(units: readonly GridUnit[], id: string | undefined, where: string): GridUnit {
  const unit = units.find((each) => unitId(each) === id);
  if (unit) return unit;
  const some = units.slice(0, 3).map(unitId).join(", ");
  throw new UserError(
    `${where}: ${id === undefined ? "missing --unit" : `unknown unit ${id}`}; it has ${units.length}, such as ${some}`,
  );
}

/** The grid in which a run of `store` is run again, as it is recorded: with dataset and weights where they are here. */
export function recordHere(store: GridFolder, places: Places): GridRecord {
  return { ...store.record(), ...locate(store.record(), places) };
}

/** What the run learned from and computed with, then and here. */
export async function compareRecordedUnit(store: GridFolder, here: GridRecord, unit: GridUnit): Promise<Found> {
  const { dataset } = await trainingOf(here, unit);
  const run = store.run(unit);
  const { weights } = here;
  return compareRecorded(run, { dataset, config: { ...run.record().config, weights } });
}

/** Runs it; null when it was stopped, which leaves a checkpoint. */
export async function unitAgain(
  again: GridFolder,
  unit: GridUnit,
  options: Omit<UnitOptions, "store" | "unit">,
): Promise<Ending | null> {
  const result = again.result(unit) ?? (await runUnit({ ...options, store: again, unit }));
  return result === null ? null : endingOf(again.run(unit), measuresOf(result));
}

/** Of a finished run of a grid. */
export async function unitEnding(store: GridFolder, unit: GridUnit): Promise<Ending> {
  const result = store.result(unit);
  if (result === null) throw new UserError(`${store.run(unit).dir}: not finished; run its experiment again`);
  return endingOf(store.run(unit), measuresOf(result));
}

/** As a results.json has them. */
export function measuresOf(result: GridResult): Ending["measures"] {
  const run = { ...result, chosen: null };
  const values = mainMetrics.map(({ key, of }) => [key, of(run as Parameters<typeof of>[0])] as const);
  return Object.fromEntries(values.filter((entry): entry is [string, number] => entry[1] !== null));
}
