import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { binEdges, binned } from "./histogram.ts";

test("steps are round numbers", () => {
  assert.deepEqual(binEdges([]), []);
  assert.deepEqual(binEdges([32, 32]), [32, 33]);
  assert.deepEqual(binEdges([0, 3.5]), [0, 1, 2, 3, 4]);
  assert.deepEqual(binEdges([17, 41, 70]), [16, ...Array.from({ length: 27 }, (_, i) => 18 + 2 * i), 72]);
  assert.deepEqual(binEdges([5, 301]).slice(0, 3), [0, 20, 40]);
  assert.deepEqual(
    binned([0, 0.5, 1, 3.5], [0, 1, 2, 3, 4]).map(({ count }) => count),
    [2, 1, 0, 1],
  );
  assert.deepEqual(binned([], []), []);
});

test("at most 30 bins; each value in one of them", () => {
  fc.assert(
    fc.property(fc.array(fc.double({ min: 0, max: 1e5, noNaN: true }), { minLength: 1 }), (values) => {
      const edges = binEdges(values);
      assert.ok(edges.length <= 31);
      const bins = binned(values, edges);
      for (const { from, to, count } of bins) assert.equal(count, values.filter((value) => value >= from && value < to).length);
      assert.equal(
        bins.reduce((sum, { count }) => sum + count, 0),
        values.length,
      );
    }),
  );
});
