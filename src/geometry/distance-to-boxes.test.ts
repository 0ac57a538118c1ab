import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { area, type Box, centre } from "./box.ts";
import { distanceToBoxes } from "./distance-to-boxes.ts";
import { fromBoxes } from "./rows.ts";

const number = (min: number, max: number) => fc.integer({ min, max });
const box: fc.Arbitrary<Box> = fc
  .tuple(number(0, 200), number(0, 200), number(1, 60), number(1, 60))
  .map(([x, y, width, height]) => [x, y, x + width, y + height]);

function slowly(from: Box, others: readonly Box[]): number {
  const [x, y] = centre(from);
  return Math.min(
    ...others.map((other) => {
      const [ox, oy] = centre(other);
      return Math.hypot(ox - x, oy - y) / Math.sqrt(area(other));
    }),
  );
}

test("property: it is that to the nearest box but one, whatever the scale and the place of the image", () => {
  fc.assert(
    fc.property(
      box,
      fc.array(box, { maxLength: 8 }),
      number(-1, 8),
      number(0, 100),
      fc.constantFrom(0.5, 2, 4),
      (from, boxes, but, by, times) => {
        const moved = (one: Box): Box => one.map((value) => times * (value + by)) as unknown as Box;
        const expected = slowly(
          from,
          boxes.filter((_, k) => k !== but),
        );
        for (const [one, list] of [
          [from, boxes],
          [moved(from), boxes.map(moved)],
        ] as const) {
          const actual = distanceToBoxes(one, fromBoxes(list), but);
          assert.ok(actual === expected || Math.abs(actual - expected) < 1e-6 * expected, `${actual} is not ${expected}`);
        }
      },
    ),
  );
});

test("without a box it is infinite", () => {
  assert.equal(distanceToBoxes([0, 0, 8, 8], new Float32Array()), Infinity);
  assert.equal(distanceToBoxes([0, 0, 8, 8], Float32Array.of(0, 0, 8, 8), 0), Infinity);
});
