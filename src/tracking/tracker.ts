// Tracks a training from a thread of its own, which follows the run's logs: the training does nothing for it but hand over pictures
// at measurements, and waits for it a moment at its end. Whatever happens to the thread, the training goes on.

import { Worker } from "node:worker_threads";
import { reason } from "../errors.ts";
import type { TrackerName } from "./names.ts";
import type { Look } from "./picture.ts";
import type { Ending } from "./sink.ts";

export interface TrackerOptions {
  /** The run's folder. */
  readonly dir: string;
  readonly names: readonly TrackerName[];
  /** For MLflow's variables. */
  readonly env: Readonly<Record<string, string | undefined>>;
}

/** To the thread. */
export type Order = { readonly look: Look } | { readonly ending: Ending };
/** From it: a line for people. */
export type Answer = { readonly note: string };

export class Tracker {
  readonly #thread: Worker;
  readonly #ended: Promise<void>;
  readonly #patience: number;
  #warned = false;

  /**
   * `patience`: milliseconds that the end of a training waits for what is still to be sent. `program`: what the thread runs; tests
   * have others.
   */
  constructor(
    { onNote, ...options }: TrackerOptions & { readonly onNote: (line: string) => void },
    { patience = 3000, program = new URL("./thread.js", import.meta.url) } = {},
  ) {
    this.#patience = patience;
    this.#thread = new Worker(program, { workerData: options satisfies TrackerOptions, execArgv: [] });
    this.#thread.on("message", ({ note }: Answer) => onNote(note));
    this.#thread.on("error", (error) => {
      if (!this.#warned) onNote(`tracking has ended: ${reason(error)}; the training goes on`);
      this.#warned = true;
    });
    this.#ended = new Promise((resolve) => this.#thread.on("exit", () => resolve()));
    this.#thread.unref(); // after the listeners, because they keep the process alive
  }

  look(look: Look): void {
    this.#order({ look });
  }

  /** Returns when all is sent, or after a moment. */
  async close(ending: Ending): Promise<void> {
    this.#order({ ending });
    this.#thread.ref();
    let timer: NodeJS.Timeout | undefined;
    const late = new Promise<void>((resolve) => {
      timer = setTimeout(resolve, this.#patience);
    });
    await Promise.race([this.#ended, late]);
    clearTimeout(timer);
    await this.#thread.terminate();
  }

  #order(order: Order): void {
    try {
      this.#thread.postMessage(order);
    } catch {} // what cannot be handed over is not shown
  }
}
