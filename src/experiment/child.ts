// The process of one run of a grid, started by run-grid.ts: its task comes as an argument, its events go to the parent as
// messages. A message from the parent, or its death, ends the training after the current step, with a checkpoint.

import type { GridUnit } from "../runs/grid.ts";
import { GridFolder } from "../runs/grid-folder.ts";
import { runUnitAlone } from "./run-unit-alone.ts";
import type { Computing } from "./unit.ts";

export interface ChildTask extends Computing {
  readonly dir: string;
  readonly unit: GridUnit;
}

export type ChildMessage =
  | { readonly kind: "step"; readonly step: number; readonly loss: number }
  | { readonly kind: "note"; readonly line: string }
  | { readonly kind: "finished" }
  | { readonly kind: "stopped"; readonly step: number }
  | { readonly kind: "failed"; readonly message: string };

const task = JSON.parse(process.argv[2]) as ChildTask;
const store = new GridFolder(task.dir);
const tell = (message: ChildMessage): void => {
  if (process.connected) process.send?.(message);
};
let stopping = false;
const stop = (): void => {
  stopping = true;
};
process.on("message", stop).on("disconnect", stop);
process
  .on("SIGINT", () => {})
  .on("SIGUSR1", () => {})
  .on("SIGTERM", stop); // signals to the whole group are the parent's to decide on

try {
  let done = 0;
  const result = await runUnitAlone({
    ...task,
    store,
    patience: 60, // a parent that was killed may have left one running
    onStep: ({ step, loss }) => {
      done = step;
      tell({ kind: "step", step, loss });
    },
    onNote: (line) => tell({ kind: "note", line }),
    shouldStop: () => stopping,
  });
  tell(result ? { kind: "finished" } : { kind: "stopped", step: done });
} catch (error) {
  const message = error instanceof Error ? error.message : String(error);
  tell({ kind: "failed", message: message.split("\n", 1)[0] });
  process.exitCode = 1;
} finally {
  if (process.connected) process.disconnect();
}
