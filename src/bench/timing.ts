// The time of a computation: every repetition, and their median, which a single disturbance does not change.

import { synchronize } from "@sparsecell/torch";

export interface Timing {
  /** The median. */
  readonly seconds: number;
  /** The seconds of every repetition, in order. */
  readonly all: readonly number[];
}

/** Runs `body` `times` times after two warm-up runs; on a GPU, waits until the queued work is done. */
export async function timed(times: number, body: () => void | Promise<void>): Promise<Timing> {
  const all: number[] = [];
  for (let n = -2; n < times; n++) {
    const start = performance.now();
    await body();
    synchronize();
    if (n >= 0) all.push((performance.now() - start) / 1000);
  }
  return timingOf(all);
}

export function timingOf(all: readonly number[]): Timing {
  return { seconds: all.toSorted((a, b) => a - b)[all.length >> 1], all };
}
