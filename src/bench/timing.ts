// The time of a computation: every repetition, and their median, which one disturbance does not move.

import { synchronize } from "@sparsecell/torch";

export interface Timing {
  /** Seconds: the median. */
  readonly seconds: number;
  /** Of every repetition, in order. */
  readonly all: readonly number[];
}

/** Runs `body` twice to warm up, then `times` times; on a GPU, until what it queued is done. */
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
