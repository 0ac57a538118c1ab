// A grid at work on stderr: a line for every run that ends; on a terminal also the steps of the runs that are under way.

import { secondsLeft } from "../../experiment/plan.ts";
import type { GridEvent } from "../../experiment/run-grid.ts";
import { type GridResult, type GridUnit, unitText } from "../../runs/grid.ts";
import { createProgress, formatDuration, type Progress, type ProgressStream } from "./progress.ts";

export interface GridProgressOptions {
  readonly label: string;
  /** All runs of the grid that are wanted, and the results of those that were finished before. */
  readonly units: readonly GridUnit[];
  readonly finished: readonly GridResult[];
  /** Of each run. */
  readonly steps: number;
  readonly jobs: number;
  readonly stream?: ProgressStream;
}

export class GridProgress {
  readonly #options: GridProgressOptions;
  readonly #results: GridResult[];
  readonly #steps = new Map<GridUnit, number>(); // done, of the runs under way
  readonly #progress: Progress;
  readonly #shown: boolean; // steps are for a terminal; a log file gets a line for each run
  readonly #started = performance.now();

  constructor(options: GridProgressOptions) {
    this.#options = options;
    this.#results = [...options.finished];
    const { label, units, steps, stream = process.stderr } = options;
    this.#shown = stream.isTTY === true;
    this.#progress = createProgress({ label, total: units.length * steps, stream });
  }

  show(event: GridEvent): void {
    const { unit } = event;
    if (event.kind === "note") {
      if (this.#results.length === 0 && this.#steps.size <= 1) this.#progress.log(event.line); // the other runs say the same
      return;
    }
    if (event.kind === "step") {
      this.#steps.set(unit, event.step);
      if (this.#shown) this.#progress.update(this.#stepsDone(), { [unitText(unit)]: event.loss.toFixed(3) });
      return;
    }
    this.#steps.delete(unit);
    if (event.kind === "finished") this.#results.push(event.result);
    this.#progress.log(this.#endText(event));
  }

  /** The last line, when no run is under way any more. */
  finish({ stopped }: { readonly stopped: boolean }): void {
    const done = `${this.#results.length} of ${this.#options.units.length} runs are finished`;
    const seconds = (performance.now() - this.#started) / 1000;
    this.#progress.finish(stopped ? `${done}; resume with the same command` : `${done}, after ${formatDuration(seconds)}`);
  }

  #stepsDone(): number {
    return [...this.#steps.values()].reduce((sum, step) => sum + step, this.#results.length * this.#options.steps);
  }

  #endText(event: Extract<GridEvent, { kind: "finished" | "stopped" | "failed" }>): string {
    const { units, jobs, steps } = this.#options;
    const name = unitText(event.unit);
    if (event.kind === "failed") return `failed: ${name}: ${event.message}`;
    if (event.kind === "stopped") return `stopped: ${name} after step ${event.step} of ${steps}`;
    const seconds = secondsLeft(this.#results, { count: units.length - this.#results.length, jobs });
    const left = seconds ? `, ${formatDuration(seconds)} left` : "";
    const took = formatDuration(event.result.totalSeconds);
    return `${this.#results.length}/${units.length}  ${name}: ${resultText(event.result)}, in ${took}${left}`;
  }
}

function resultText({ measures, limitedImages }: GridResult): string {
  const percent = (value: number): string => `${(100 * value).toFixed(1)} %`;
  const limited = limitedImages > 0 ? `, ${limitedImages} images at a limit` : "";
  return `AP ${percent(measures.ap11)}, recall ${percent(measures.recall)}${limited}`;
}
