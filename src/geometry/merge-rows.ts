// The rule of merge-windows.ts for windows that come row by row, so that what is held does not grow with the image. A box can only
// be suppressed, or be freed, by its twins, their twins, and so on: such a group is finished when none of it lies so far down that
// a box of a later row could be its twin. Finished groups give what merging everything at once would give.

import { BAND, FARTHEST, type FoundInWindows, mergeWindows, Twins } from "./merge-windows.ts";

/** Boxes [K, 4] of cells in one frame, in double precision: a slide has more pixels than a Float32Array counts in hundredths. */
export interface FoundInRows extends FoundInWindows {
  readonly boxes: Float64Array;
}

export const noneFound: FoundInRows = {
  boxes: new Float64Array(0),
  scores: new Float32Array(0),
  labels: new Int32Array(0),
  windows: new Int32Array(0),
};

export class RowMerge {
  #held: FoundInRows;

  /** `held`: what an earlier merge held, to go on from there. */
  constructor(held: FoundInRows = noneFound) {
    this.#held = held;
  }

  /** The boxes of unfinished groups. */
  get held(): FoundInRows {
    return this.#held;
  }

  /**
   * Adds what a row's windows found (the windows in any order). `next`: the top of the cores of the next row; Infinity after the
   * last. Returns the cells that are finished, from top to bottom, then from left to right.
   */
  add(found: FoundInRows, next: number): FoundInRows {
    const all = joined(this.#held, found);
    const open = openGroups(all, next - BAND - FARTHEST);
    const { boxes, scores, labels } = all;
    const finished = mergeWindows(all)
      .filter((k) => !open[k])
      .sort(
        (a, b) =>
          boxes[4 * a + 1] - boxes[4 * b + 1] || boxes[4 * a] - boxes[4 * b] || labels[a] - labels[b] || scores[b] - scores[a],
      );
    this.#held = picked(
      all,
      [...open.keys()].filter((k) => open[k]),
    );
    return picked(all, finished);
  }
}

/** For each box, whether a member of its group has its centre at `from` or below. */
function openGroups(all: FoundInRows, from: number): Uint8Array {
  const { boxes } = all;
  const open = new Uint8Array(all.scores.length);
  const stack: number[] = [];
  const mark = (k: number): void => {
    if (open[k]) return;
    open[k] = 1;
    stack.push(k);
  };
  for (let k = 0; k < open.length; k++) if ((boxes[4 * k + 1] + boxes[4 * k + 3]) / 2 >= from) mark(k);
  const twins = new Twins(all);
  for (let k = stack.pop(); k !== undefined; k = stack.pop()) twins.of(k, mark);
  return open;
}

function joined(a: FoundInRows, b: FoundInRows): FoundInRows {
  const both = <T extends Float64Array | Float32Array | Int32Array>(into: T, first: T, second: T): T => {
    into.set(first);
    into.set(second, first.length);
    return into;
  };
  const count = a.scores.length + b.scores.length;
  return {
    boxes: both(new Float64Array(4 * count), a.boxes, b.boxes),
    scores: both(new Float32Array(count), a.scores, b.scores),
    labels: both(new Int32Array(count), a.labels, b.labels),
    windows: both(new Int32Array(count), a.windows, b.windows),
  };
}

function picked({ boxes, scores, labels, windows }: FoundInRows, rows: readonly number[]): FoundInRows {
  const chosen = new Float64Array(4 * rows.length);
  rows.forEach((k, i) => chosen.set(boxes.subarray(4 * k, 4 * k + 4), 4 * i));
  return {
    boxes: chosen,
    scores: Float32Array.from(rows, (k) => scores[k]),
    labels: Int32Array.from(rows, (k) => labels[k]),
    windows: Int32Array.from(rows, (k) => windows[k]),
  };
}
