import assert from "node:assert/strict";
import { test } from "node:test";
import { type FoundInProposal, leastObjectness } from "./least-objectness.ts";

/** So many of one score, in proposals of evenly spread probability. */
const found = (count: number, [from, to]: [number, number], score = 0.8): FoundInProposal[] =>
  Array.from({ length: count }, (_, i) => ({ score, objectness: from + ((to - from) * i) / count }));

test("one cell in a hundred may lose its proposal, and no more", () => {
  assert.equal(leastObjectness([...found(9, [0, 0.01]), ...found(991, [0.2, 1])]), 0.2);
  assert.equal(leastObjectness([...found(11, [0, 0.01]), ...found(989, [0.2, 1])]), 0);
  const spread = found(1000, [0.1, 1]);
  const least = leastObjectness(spread);
  assert.equal(least, 0.1);
  assert.ok(spread.filter(({ objectness }) => objectness < least).length <= 10);
});

test("a detection counts as much as it is likely to be a cell", () => {
  const cells = found(1000, [0.25, 1]);
  assert.equal(leastObjectness([...cells, ...found(50, [0, 0.05], 0.1)]), 0.25); // 5 cells of 805
  assert.equal(leastObjectness([...cells, ...found(400, [0, 0.05], 0.1)]), 0.01); // 40 of 840
});

test("few cells say nothing, and a sure first stage is not trusted too far", () => {
  assert.equal(leastObjectness(found(62, [0.25, 1])), 0); // 49.6
  assert.equal(leastObjectness(found(63, [0.25, 1])), 0.25);
  assert.equal(leastObjectness(found(1000, [0.9, 1])), 0.3);
  assert.equal(leastObjectness([]), 0);
});
