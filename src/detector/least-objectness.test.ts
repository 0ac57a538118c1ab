import assert from "node:assert/strict";
import { test } from "node:test";
import { type FoundFromProposal, leastObjectness } from "./least-objectness.ts";

/** From proposals of so evenly spread a probability. */
const cells = (count: number, [from, to]: [number, number], score = 0.8): FoundFromProposal[] =>
  Array.from({ length: count }, (_, i) => ({ score, objectness: from + ((to - from) * i) / count }));

test("one cell in a hundred may lose its proposal, and no more", () => {
  const found = cells(1000, [0.1, 1]);
  const least = leastObjectness(found);
  assert.equal(least, 0.1);
  assert.ok(found.filter(({ objectness }) => objectness < least).length <= 10);
  assert.equal(leastObjectness([...cells(9, [0, 0.01]), ...cells(991, [0.2, 1])]), 0.2);
  assert.equal(leastObjectness([...cells(11, [0, 0.01]), ...cells(989, [0.2, 1])]), 0);
});

test("faint detections have no say", () => {
  assert.equal(leastObjectness([...cells(1000, [0.25, 1]), ...cells(1000, [0, 0.05], 0.09)]), 0.25);
});

test("few cells say nothing, and a sure first stage is not trusted too far", () => {
  assert.equal(leastObjectness(cells(199, [0.25, 1])), 0);
  assert.equal(leastObjectness(cells(200, [0.25, 1])), 0.25);
  assert.equal(leastObjectness(cells(1000, [0.9, 1])), 0.3);
  assert.equal(leastObjectness([]), 0);
});
