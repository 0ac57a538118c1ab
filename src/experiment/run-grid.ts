// Executes a grid: its unfinished runs, some at a time, each in a separate process, so that a crash or exhausted memory takes
// one run and not the others.

import { type ChildProcess, fork } from "node:child_process";
import { availableParallelism } from "node:os";
import { fileURLToPath } from "node:url";
import type { GridResult, GridUnit } from "../runs/grid.ts";
import type { GridFolder } from "../runs/grid-folder.ts";
import type { ChildMessage, ChildTask } from "./child.ts";

export interface GridOptions {
  readonly store: GridFolder;
  /** The runs that are wanted; those that are finished are skipped. */
  readonly units: readonly GridUnit[];
  /** How many at a time; they share the processor's cores. */
  readonly jobs: number;
  readonly device: string;
  readonly keepModels: boolean;
  readonly onEvent: (event: GridEvent) => void;
}

export type GridEvent =
  | { readonly kind: "step"; readonly unit: GridUnit; readonly step: number; readonly loss: number }
  | { readonly kind: "note"; readonly unit: GridUnit; readonly line: string }
  | { readonly kind: "finished"; readonly unit: GridUnit; readonly result: GridResult }
  | { readonly kind: "stopped"; readonly unit: GridUnit; readonly step: number }
  | { readonly kind: "failed"; readonly unit: GridUnit; readonly message: string };

export interface GridOutcome {
  readonly failed: readonly GridUnit[];
  /** Units that were stopped or never started. */
  readonly left: readonly GridUnit[];
}

export interface GridExecution {
  readonly outcome: Promise<GridOutcome>;
  /** Starts no more runs; current ones end after their step, with a checkpoint. */
  stop(): void;
}

/** What the runs share: OMP_NUM_THREADS where that is set, else all cores. */
export const cores = (): number => Number(process.env.OMP_NUM_THREADS) || availableParallelism();

/** Threads of each of `jobs` runs. */
export const threadsOf = (jobs: number): number => Math.max(1, Math.floor(cores() / jobs));

export function executeGrid(options: GridOptions): GridExecution {
  const { store, jobs } = options;
  const waiting = options.units.filter((unit) => store.result(unit) === null);
  const children = new Set<ChildProcess>();
  const failed: GridUnit[] = [];
  const left: GridUnit[] = [];
  let stopping = false;

  const worker = async (): Promise<void> => {
    for (let unit = waiting.shift(); unit; unit = waiting.shift()) {
      if (stopping) {
        left.push(unit);
        continue;
      }
      const end = await runChild(options, unit, children);
      options.onEvent(end);
      if (end.kind === "failed") failed.push(unit);
      if (end.kind === "stopped") left.push(unit);
    }
  };
  return {
    outcome: Promise.all(Array.from({ length: jobs }, worker)).then(() => ({ failed, left })),
    stop() {
      stopping = true;
      for (const child of children) if (child.connected) child.send("stop");
    },
  };
}

type RunEnd = Extract<GridEvent, { kind: "finished" | "stopped" | "failed" }>;

/** One run to its end, good or bad. */
function runChild(
  { store, jobs, device, keepModels, onEvent }: GridOptions,
  unit: GridUnit,
  children: Set<ChildProcess>,
): Promise<RunEnd> {
  const threads = threadsOf(jobs);
  const task: ChildTask = { dir: store.dir, unit, device, threads, keepModels };
  const child = fork(fileURLToPath(new URL("./child.js", import.meta.url)), [JSON.stringify(task)], {
    env: { ...process.env, OMP_NUM_THREADS: String(threads) },
    stdio: ["ignore", "ignore", "pipe", "ipc"],
  });
  children.add(child);
  let stderr = "";
  child.stderr?.setEncoding("utf8").on("data", (text: string) => {
    stderr = (stderr + text).slice(-10_000);
  });
  let last: ChildMessage | null = null;
  child.on("message", (message: ChildMessage) => {
    last = message;
    if (message.kind === "step" || message.kind === "note") onEvent({ ...message, unit });
  });
  return new Promise((resolve) => {
    const end = (how: string): void => {
      if (!children.delete(child)) return;
      resolve(endOf(how));
    };
    const endOf = (how: string): RunEnd => {
      if (last?.kind === "stopped" || last?.kind === "failed") return { ...last, unit };
      const result = store.result(unit);
      if (result) return { kind: "finished", unit, result };
      const message = `its process ended ${how}`;
      store.writeError(unit, `${message}\n${stderr}`);
      return { kind: "failed", unit, message };
    };
    child.on("error", (error) => end(`before it started: ${error.message}`));
    child.on("close", (code, signal) => end(signal ? `by ${signal}` : `with code ${code}`));
  });
}
