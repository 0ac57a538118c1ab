import assert from "node:assert/strict";
import { test } from "node:test";
import type { Suspect } from "../api.ts";
import { strataOf } from "./estimate.ts";
import { queueOf } from "./queue.ts";
import { cellsBySheets, sheetOf } from "./sheet.ts";

const suspect = (i: number, score: number, kind: Suspect["kind"] = "missing"): Suspect => ({
  id: `${kind}${i}`,
  round: 1,
  kind,
  image: `image${i % 4}`,
  box: [0, 0, 1, 1],
  score,
  classId: "cell",
  reason: "",
});
const missing = Array.from({ length: 200 }, (_, i) => suspect(i, 0.05 + (0.9 * i) / 199));
const denied = Array.from({ length: 5 }, (_, i) => suspect(i, 0.9, "denied"));

test("a sheet is drawn from the surest missing cells of all images, and is the same whenever it is asked for", () => {
  const sheet = sheetOf([...denied, ...missing], { count: 24, seed: 3 });
  assert.deepEqual(sheetOf([...denied, ...missing], { count: 24, seed: 3 }), sheet);
  assert.notDeepEqual(sheetOf(missing, { count: 24, seed: 4 }), sheet);
  assert.equal(new Set(sheet).size, 24);
  // Scores add up to 100 cells, and the best 80 have scores of 0.59 or more.
  for (const { kind, score } of sheet) assert.ok(kind === "missing" && score > 0.59, `${kind} ${score}`);
  assert.ok(sheet.at(-1)!.score < 0.65, "not the surest alone");
  assert.ok(sheetOf(missing, { count: 24, seed: 3, part: 0.5 }).every(({ score }) => score > 0.72));
  for (let image = 0; image < 4; image++) assert.equal(sheet.filter((each) => each.image === `image${image}`).length, 6);
});

test("where few are left a sheet has all of them", () => {
  assert.equal(sheetOf(missing.slice(0, 3), { count: 24, seed: 1 }).length, 3);
  assert.deepEqual(sheetOf(denied, { count: 24, seed: 1 }), []);
});

test("what a sheet answered says nothing of where the answers in order have come", () => {
  const queue = queueOf(missing, { score: 0.5, seed: 1 });
  const onSheet = new Set(sheetOf(missing, { count: 24, seed: 1 }));
  const strata = strataOf({
    queue,
    outcomeOf: ({ suspect }) => (onSheet.has(suspect) ? "cell" : null),
    isOnSheet: ({ suspect }) => onSheet.has(suspect),
  });
  const sum = (key: "cells" | "rest" | "drawnCells") => strata.reduce((total, each) => total + each[key], 0);
  assert.deepEqual([sum("cells"), sum("rest"), sum("drawnCells")], [24, 176, 0]);
});

test("as many cells as the scores say, if a sheet says that they are right, and more if they are too low", () => {
  const on = missing.slice(100, 148); // their scores add up to 29
  const sum = on.reduce((total, { score }) => total + score, 0);
  assert.equal(cellsBySheets(missing, { on: [], cells: 0, marks: 20 }), null);
  const asSaid = cellsBySheets([...missing, ...denied], { on, cells: sum, marks: 20 })!;
  assert.ok(Math.abs(asSaid.value - 120) < 1e-9, `${asSaid.value}`);
  assert.ok(asSaid.low < 75 && asSaid.high > 190);
  const more = cellsBySheets(missing, { on, cells: 48, marks: 20 })!;
  assert.ok(Math.abs(more.value - (20 + (100 * 52) / (sum + 4))) < 1e-9, `${more.value}`);
});
