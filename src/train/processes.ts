// The processes of one training, as one of them sees them. All do the same steps at the same time: each with its images of the
// batch, and then all with the sums of what they found, so that their weights stay equal to the bit. The first one alone writes and
// speaks. Every failure is an error in all of them, none waits for ever.

import { distributedMissing, ProcessGroup, scope, Tensor } from "@sparsecell/torch";
import { reason, UserError } from "../errors.ts";
import type { ProcessPlace } from "./process-place.ts";
import { ProcessSigns } from "./process-signs.ts";

/** Seconds that one may be behind the others, besides the time that these needed themselves. */
export const PATIENCE = 20;

/** Why this process ends when the cause is another process, which may say more. */
export class OthersFailed extends UserError {}

const RECORD = "record";

/**
 * One of the processes of a training, each of which calls `runTraining` with the same settings. All but the first have a RunFolder
 * that does not write, and wait with `recordWritten` before they read it.
 *
 * @example
 * const place = { rank, size: 2, here: 2, store: { file: "shared/new-file" }, host: "127.0.0.1" };
 * const processes = new Processes(place); // in two processes, with rank 0 and 1
 * const run = new RunFolder("runs/mine", { writes: processes.isFirst });
 * await runTraining({ dataset, run, config, onStep, onNote, shouldStop, processes });
 */
export class Processes {
  readonly rank: number;
  readonly size: number;
  readonly #group: ProcessGroup;
  readonly #host: string;
  readonly #isOneMachine: boolean;
  readonly #patience: number;
  #signs: ProcessSigns | null = null;
  /** When the last sum was complete. */
  #last = performance.now();

  /**
   * `patience`: seconds that one may be behind the others. Throws a UserError where the linked libtorch knows no processes, or the
   * first of them is not to be found.
   */
  constructor({ rank, size, here, store, host }: ProcessPlace, { patience = PATIENCE } = {}) {
    const missing = distributedMissing();
    if (missing !== null) throw new UserError(`training on several processes is not possible: ${missing}`);
    [this.rank, this.size, this.#host, this.#patience] = [rank, size, host, patience];
    this.#isOneMachine = here === size;
    try {
      this.#group = new ProcessGroup({ rank, size, store });
    } catch (error) {
      const where = "file" in store ? store.file : `${store.host}:${store.port}`;
      throw new OthersFailed(
        `process ${rank} of ${size}: cannot be reached or started at ${where}: ${reason(error)}; see that MASTER_ADDR and MASTER_PORT are right and process 0 runs`,
      );
    }
  }

  get isFirst(): boolean {
    return this.rank === 0;
  }

  /** Tells the others that the run's folder has a record, or waits until the first process says so. */
  async recordWritten(): Promise<void> {
    if (this.isFirst) return this.#group.set(RECORD, "yes");
    try {
      await this.#text(RECORD);
    } catch (error) {
      throw new OthersFailed(`process 0 of ${this.size} has ended before the training began (${reason(error)})`);
    }
  }

  /** Connects with all others, as soon as they are here. `dir`: the run's folder, which all see. */
  async join(dir: string): Promise<void> {
    try {
      this.#group.set(`here ${this.rank}`, "yes");
      for (let rank = 0; rank < this.size; rank++) await this.#text(`here ${rank}`);
      this.#group.join(this.#host, { isOneMachine: this.#isOneMachine });
    } catch (error) {
      throw new OthersFailed(`process ${this.rank} of ${this.size} cannot reach the others: ${reason(error)}`);
    }
    this.#signs = new ProcessSigns(dir, this);
    this.#last = performance.now();
  }

  /** The image of the whole batch that is the n-th of this process. */
  imageOf(n: number): number {
    return this.rank + n * this.size;
  }

  /** Sums of numbers over all processes. `slack`: seconds that one may need for what the others don't do. */
  sum(values: readonly number[], slack = 0): number[] {
    return scope(() => {
      const tensor = Tensor.from(Float64Array.from(values));
      this.#together((seconds) => this.#group.sum([tensor], seconds + slack));
      return tensor.numbers();
    });
  }

  /** What each of them says, by rank. */
  each(value: number, slack = 0): number[] {
    return this.sum(
      Array.from({ length: this.size }, (_, rank) => (rank === this.rank ? value : 0)),
      slack,
    );
  }

  /** Whether any of them says yes. */
  any(yes: boolean): boolean {
    return this.sum([yes ? 1 : 0])[0] > 0;
  }

  /** Replaces the gradients of tensors by their sums. */
  sumGradients(tensors: readonly Tensor[]): void {
    this.#together((seconds) => this.#group.sumGradients(tensors, seconds));
  }

  /** Waits until all are here, and throws a UserError unless all have the state of this digest (hexadecimal). */
  requireSame(digest: string, { step, slack }: { readonly step: number; readonly slack: number }): void {
    const digests = this.each(Number.parseInt(digest.slice(0, 12), 16), slack);
    const other = digests.findIndex((value) => value !== digests[0]);
    if (other !== -1)
      throw new UserError(
        `process ${other} of ${this.size}: has other weights than process 0 after step ${step}; use machines of one kind with the same libraries, or one process`,
      );
  }

  /** When no more is to be summed. */
  leave(): void {
    this.#group.leave();
    if (this.isFirst) this.#signs?.clear();
  }

  /** A text from the store, when it is there. */
  async #text(key: string): Promise<void> {
    while (this.#group.get(key) === null) await new Promise((resolve) => setTimeout(resolve, 50));
  }

  #together(sum: (seconds: number) => void): void {
    this.#signs?.advance();
    const own = (performance.now() - this.#last) / 1000;
    try {
      sum(this.#patience + own);
    } catch (error) {
      throw this.#failure(error);
    }
    this.#last = performance.now();
  }

  /** A connection is closed a moment before the system says that its process has ended. */
  #missing(): ReturnType<ProcessSigns["missing"]> {
    for (let attempt = 0; attempt < 20; attempt++) {
      const missing = this.#signs?.missing() ?? [];
      if (missing.some(({ what }) => what !== "does not go on")) return missing;
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 50);
    }
    return this.#signs?.missing() ?? [];
  }

  #failure(error: unknown): Error {
    if (!/timed out|closed|reset|refused|broken pipe|socket|connect/i.test(reason(error))) return error as Error;
    const missing = this.#missing();
    if (missing.length === 0) return new OthersFailed(`another of the ${this.size} processes has ended (${reason(error)})`);
    return new OthersFailed(missing.map(({ rank, what }) => `process ${rank} of ${this.size} ${what}`).join(", "));
  }
}
