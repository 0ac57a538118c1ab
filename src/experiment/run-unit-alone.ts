// One run of a grid in this process, which has the run's folder to itself.

import { setThreads } from "@sparsecell/torch";
import { UserError } from "../errors.ts";
import { lockWhenFree } from "../files/folder-lock.ts";
import type { GridResult } from "../runs/grid.ts";
import { runUnit, type UnitOptions } from "./unit.ts";

export interface AloneOptions extends UnitOptions {
  /** Seconds to wait for another process to leave the folder. */
  readonly patience: number;
}

/** As `runUnit`; what goes wrong is also in the run's error.txt. */
export async function runUnitAlone(options: AloneOptions): Promise<GridResult | null> {
  const { store, unit, threads, patience } = options;
  try {
    await lockWhenFree(store.run(unit).dir, patience);
    setThreads(threads);
    return await runUnit(options);
  } catch (error) {
    const known = error instanceof UserError || !(error instanceof Error);
    store.writeError(unit, known ? String((error as UserError).message ?? error) : (error.stack ?? error.message));
    throw error;
  }
}
