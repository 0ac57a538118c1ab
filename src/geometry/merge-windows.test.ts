// A simulated slide: each window sees a cell at its own place, off by up to 1.5 pixels, and clips those at its border.

import assert from "node:assert/strict";
import { test } from "node:test";
import { Random } from "../random.ts";
import type { Box } from "./box.ts";
import { isInBand, mergeWindows } from "./merge-windows.ts";
import { fromBoxes } from "./rows.ts";
import { type CoredWindow, coreGrid } from "./windows.ts";

interface Cell {
  readonly x: number;
  readonly y: number;
  readonly radius: number;
}

/** Cells that do not overlap by more than a little, one in each square of a shaken grid. */
function cellsOn(side: number, random: Random): Cell[] {
  const spacing = 33.65; // 16,000 pixels hold 226,000 of them
  const along = Math.floor(side / spacing);
  return Array.from({ length: along * along }, (_, i) => ({
    x: ((i % along) + 0.5) * spacing + random.uniform(-6, 6),
    y: (Math.floor(i / along) + 0.5) * spacing + random.uniform(-6, 6),
    radius: random.uniform(7, 15),
  }));
}

/** How many windows' boxes stay for each cell. */
function merged(
  cells: readonly Cell[],
  windows: readonly CoredWindow[],
  { jitter, random }: { jitter: number; random: Random },
): Uint8Array {
  const boxes: Box[] = [];
  const scores: number[] = [];
  const origins: number[] = [];
  const owners: number[] = [];
  const byRow = [...cells.keys()].sort((a, b) => cells[a].y - cells[b].y);
  const rows = Float64Array.from(byRow, (k) => cells[k].y);
  for (const [w, { window, core }] of windows.entries()) {
    const [right, bottom] = [window.x + window.width, window.y + window.height];
    let i = 0;
    while (i < rows.length && rows[i] < window.y - 20) i++;
    for (; i < rows.length && rows[i] < bottom + 20; i++) {
      const { x, y, radius } = cells[byRow[i]];
      const [cx, cy] = [x + random.uniform(-jitter, jitter), y + random.uniform(-jitter, jitter)];
      const box: Box = [
        Math.max(window.x, cx - radius),
        Math.max(window.y, cy - radius),
        Math.min(right, cx + radius),
        Math.min(bottom, cy + radius),
      ];
      if (box[2] - box[0] < 4 || box[3] - box[1] < 4 || !isInBand(core, box)) continue;
      const clipped = ((box[2] - box[0]) * (box[3] - box[1])) / (4 * radius * radius);
      boxes.push(box);
      scores.push(clipped * random.uniform(0.6, 1));
      origins.push(w);
      owners.push(byRow[i]);
    }
  }
  const kept = mergeWindows({
    boxes: fromBoxes(boxes),
    scores: Float32Array.from(scores),
    labels: new Int32Array(boxes.length).fill(1),
    windows: Int32Array.from(origins),
  });
  const found = new Uint8Array(cells.length);
  for (const k of kept) found[owners[k]]++;
  return found;
}

const lostAndDoubled = (found: Uint8Array): [number, number] => [
  found.filter((count) => count === 0).length,
  found.filter((count) => count > 1).length,
];

test("no cell is lost or doubled on a seam, of 225,625 simulated", () => {
  const random = new Random(1);
  const side = 16_000;
  const cells = cellsOn(side, random);
  assert.equal(cells.length, 225_625);
  const windows = coreGrid({ width: side, height: side }, { core: 768, halo: 128 });
  for (const jitter of [0.5, 1.5]) assert.deepEqual(lostAndDoubled(merged(cells, windows, { jitter, random })), [0, 0]);
});

test("which boxes stay does not depend on the order of the windows", () => {
  const boxes = fromBoxes([
    [0, 0, 10, 10],
    [1, 0, 11, 10],
    [0, 1, 10, 11],
    [40, 40, 50, 50],
  ]);
  const scores = Float32Array.of(0.5, 0.5, 0.5, 0.9);
  const labels = Int32Array.of(1, 1, 1, 1);
  const keptBoxes = (windows: number[]) => mergeWindows({ boxes, scores, labels, windows: Int32Array.from(windows) });
  assert.deepEqual(keptBoxes([0, 1, 2, 3]), [3, 0]);
  assert.deepEqual(keptBoxes([2, 1, 0, 3]), [3, 0]);
  assert.deepEqual(keptBoxes([0, 0, 0, 0]), [3, 0, 1, 2], "boxes of one window never suppress each other");
});

test("cores tile a frame; windows hold their cores and the halo", () => {
  for (const [width, height] of [
    [1000, 700],
    [1024, 1024],
    [1025, 3000],
    [64, 5000],
    [2000, 1],
  ]) {
    const grid = coreGrid({ width, height }, { core: 768, halo: 128 });
    let covered = 0;
    for (const { window, core } of grid) {
      const [left, top, right, bottom] = [
        Math.max(0, core[0]),
        Math.max(0, core[1]),
        Math.min(width, core[2]),
        Math.min(height, core[3]),
      ];
      covered += (right - left) * (bottom - top);
      assert.ok(window.x % 64 === 0 && window.y % 64 === 0);
      assert.ok(window.x >= 0 && window.y >= 0 && window.x + window.width <= width && window.y + window.height <= height);
      assert.ok(window.x <= Math.max(0, left - 128) && window.x + window.width >= Math.min(width, right + 128));
      assert.ok(window.width <= 1024 + 128 && window.height <= 1024 + 128);
    }
    assert.equal(covered, width * height);
  }
});
