// How far a training is, from what its run folder has so far.

import { join } from "node:path";
import type { Round } from "../api.ts";
import type { RunFolder } from "../sparsecell.ts";
import { GrowingFile } from "./growing-file.ts";

type Progress = Pick<Round, "step" | "steps" | "secondsLeft"> & Partial<Pick<Round, "plan">>;

export class TrainingProgress {
  readonly #run: RunFolder;
  readonly #times: GrowingFile;
  #steps: number | null = null;
  #step = 0;
  #seconds = 0;
  #timed = 0;

  constructor(run: RunFolder) {
    this.#run = run;
    this.#times = new GrowingFile(join(run.dir, "timings.jsonl"));
  }

  /** Since the last call; null when there are none. */
  changes(): Progress | null {
    if (this.#steps === null && !this.#run.exists) return null;
    const isNew = this.#steps === null;
    const record = isNew ? this.#run.record() : null;
    if (record) this.#steps = record.config.steps;
    const lines = this.#times.lines();
    for (const line of lines) {
      const { step, seconds } = JSON.parse(line);
      this.#step = step;
      this.#seconds += seconds;
      this.#timed++;
    }
    if (!isNew && lines.length === 0) return null;
    const left = this.#timed === 0 ? null : ((this.#steps as number) - this.#step) * (this.#seconds / this.#timed);
    return {
      step: this.#step,
      steps: this.#steps,
      secondsLeft: left === null ? null : Math.max(0, Math.round(left)),
      ...(record && { plan: record.plan ?? [] }),
    };
  }
}
