import assert from "node:assert/strict";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, test } from "node:test";
import { noneFound } from "../geometry/merge-rows.ts";
import { WorkFolder } from "./work-folder.ts";

const dir = mkdtempSync(join(tmpdir(), "work-folder-"));
after(() => rmSync(dir, { recursive: true }));

test("the cells of a long row come in parts, those of all rows in their order", () => {
  const work = new WorkFolder(join(dir, "cells.csv"), {});
  const counts = [1000, 0, 3];
  for (const [row, count] of counts.entries())
    work.add({
      row,
      cells: {
        boxes: Float64Array.from({ length: 4 * count }, (_, i) => i + row / 8),
        scores: new Float32Array(count).fill(0.5),
        labels: Int32Array.from({ length: count }, (_, k) => 1 + (k % 2)),
      },
      held: noneFound,
      windows: 1,
      badTiles: [],
      capped: 0,
      proposalsCapped: 0,
    });
  const [rows, parts] = [[...work.rows()].map(({ cells }) => cells), [...work.cells()]];
  assert.ok(parts.every(({ scores }) => scores.length > 0 && scores.length < 500));
  for (const column of ["boxes", "scores", "labels"] as const) {
    const all = (pieces: typeof parts) => pieces.flatMap((cells) => [...cells[column]]);
    assert.deepEqual(all(parts), all(rows));
  }
  work.close();
});
