import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import type { Box } from "./box.ts";
import { groupNearby } from "./nearby.ts";

test("parts that nearly touch belong together, by the size of the larger; parts that lie apart do not", () => {
  assert.deepEqual(groupNearby([[0, 0, 5, 5]]), [[0]]);
  assert.deepEqual(groupNearby([[0, 0, 2, 2], [4, 0, 6, 2], [9, 0, 11, 2]]), [[0, 1], [2]]); // biome-ignore format: one row of boxes
  assert.deepEqual(groupNearby([[0, 0, 20, 20], [25, 5, 26, 6], [26, 30, 27, 31]]), [[0, 1], [2]]); // biome-ignore format: one row of boxes
  assert.deepEqual(groupNearby([[50, 0, 60, 10], [0, 0, 10, 10], [12, 0, 22, 10]]), [[0], [1, 2]]); // biome-ignore format: one row of boxes
  assert.deepEqual(groupNearby([[0, 0, 100, 100], [40, 40, 42, 42]]), [[0, 1]]); // biome-ignore format: one row of boxes
});

test("as trying every pair", () => {
  const box = fc
    .tuple(fc.nat(60), fc.nat(60), fc.integer({ min: 1, max: 20 }), fc.integer({ min: 1, max: 20 }))
    .map(([x, y, w, h]): Box => [x, y, x + w, y + h]);
  fc.assert(
    fc.property(fc.array(box, { minLength: 1, maxLength: 12 }), (boxes) => {
      const group = boxes.map((_, i) => i);
      for (let round = 0; round < boxes.length; round++)
        for (let i = 0; i < boxes.length; i++)
          for (let j = 0; j < boxes.length; j++) if (near(boxes[i], boxes[j])) group[j] = Math.min(group[i], group[j]);
      const expected = [...new Set(group)].map((root) => [...boxes.keys()].filter((i) => group[i] === root));
      assert.deepEqual(
        groupNearby(boxes).map((list) => list.toSorted((a, b) => a - b)),
        expected,
      );
    }),
  );
});

function near(a: Box, b: Box): boolean {
  const side = Math.max(a[2] - a[0], a[3] - a[1], b[2] - b[0], b[3] - b[1]);
  const dx = Math.max(0, b[0] - a[2], a[0] - b[2]);
  const dy = Math.max(0, b[1] - a[3], a[1] - b[3]);
  return Math.max(dx, dy) <= Math.max(2, side / 4);
}
