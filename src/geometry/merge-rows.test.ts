// Windows that come row by row give what merging all of them at once gives, whatever their order in a row.

import assert from "node:assert/strict";
import { test } from "node:test";
import { Random } from "../random.ts";
import { type FoundInRows, noneFound, RowMerge } from "./merge-rows.ts";
import { isInBand, mergeWindows } from "./merge-windows.ts";
import { coreGrid } from "./windows.ts";

const SIDE = 1300;

/** By row of windows: the boxes of dense cells, each window with its own jitter, clipped at its border. */
function foundInRows(
  random: Random,
  { core, jitter }: { core: number; jitter: number },
): { top: number; windows: FoundInRows[] }[] {
  const cells = Array.from({ length: 2250 }, () => ({
    x: random.uniform(0, SIDE),
    y: random.uniform(0, SIDE),
    radius: random.uniform(6, 14),
    label: 1 + random.integer(2),
  }));
  const rows = new Map<number, FoundInRows[]>();
  for (const [number, { window, core: inner }] of coreGrid({ width: SIDE, height: SIDE }, { core, halo: 128 }).entries()) {
    const boxes: number[] = [];
    const labels: number[] = [];
    for (const { x, y, radius, label } of cells) {
      const [cx, cy] = [x + random.uniform(-jitter, jitter), y + random.uniform(-jitter, jitter)];
      const [x1, y1] = [Math.max(window.x, cx - radius), Math.max(window.y, cy - radius)];
      const [x2, y2] = [Math.min(window.x + window.width, cx + radius), Math.min(window.y + window.height, cy + radius)];
      if (x2 - x1 < 3 || y2 - y1 < 3 || !isInBand(inner, [x1, y1, x2, y2])) continue;
      boxes.push(x1, y1, x2, y2);
      labels.push(label);
    }
    const found = {
      boxes: Float64Array.from(boxes),
      scores: Float32Array.from(labels, () => random.uniform(0.1, 1)),
      labels: Int32Array.from(labels),
      windows: new Int32Array(labels.length).fill(number),
    };
    const top = Math.max(0, inner[1]);
    rows.set(top, [...(rows.get(top) ?? []), found]);
  }
  return [...rows].map(([top, windows]) => ({ top, windows }));
}

const together = (parts: readonly FoundInRows[]): FoundInRows => ({
  boxes: Float64Array.from(parts.flatMap(({ boxes }) => [...boxes])),
  scores: Float32Array.from(parts.flatMap(({ scores }) => [...scores])),
  labels: Int32Array.from(parts.flatMap(({ labels }) => [...labels])),
  windows: Int32Array.from(parts.flatMap(({ windows }) => [...windows])),
});

const lines = ({ boxes, scores, labels, windows }: FoundInRows): string[] =>
  Array.from(scores, (score, k) => [...boxes.subarray(4 * k, 4 * k + 4), score, labels[k], windows[k]].join());

test("row by row as all at once, with little held, for any order of windows and from any row on", () => {
  for (const [seed, core] of [
    [1, 256],
    [2, 384],
    [3, 640],
  ]) {
    const random = new Random(seed);
    const rows = foundInRows(random, { core, jitter: 3 });
    const next = (i: number) => rows[i + 1]?.top ?? Infinity;
    const merge = new RowMerge();
    const finished = rows.map(({ windows }, i) => {
      const cells = lines(merge.add(together(windows), next(i)));
      assert.ok(merge.held.scores.length < 0.3 * cells.length, `${merge.held.scores.length} of ${cells.length}`);
      return { cells, held: merge.held };
    });
    assert.deepEqual(merge.held, noneFound);

    const all = together(rows.flatMap(({ windows }) => windows));
    const boxes = lines(all);
    const atOnce = mergeWindows(all).map((k) => boxes[k]);
    assert.deepEqual(finished.flatMap(({ cells }) => cells).sort(), atOnce.sort());
    assert.ok(atOnce.length < all.scores.length, "something was suppressed");

    for (let from = 0; from < rows.length; from++) {
      const again = new RowMerge(from === 0 ? undefined : finished[from - 1].held);
      for (let i = from; i < rows.length; i++)
        assert.deepEqual(lines(again.add(together([...rows[i].windows].reverse()), next(i))), finished[i].cells);
    }
  }
});
