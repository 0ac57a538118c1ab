import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { moveRegion, type Region, rectangleRing, regionAt } from "./region.ts";

const square: Region = { kind: "complete", rings: [rectangleRing(10, 10, 30, 30)] };
const ringed: Region = { kind: "ignore", rings: [rectangleRing(0, 0, 20, 20), rectangleRing(5, 5, 15, 15)] };

test("a point is inside if an odd number of rings encloses it; ignore wins", () => {
  assert.equal(regionAt(undefined, 1, 1), null);
  assert.equal(regionAt([square], 9.9, 20), null);
  assert.equal(regionAt([square], 20, 20), "complete");
  assert.equal(regionAt([ringed], 2, 2), "ignore");
  assert.equal(regionAt([ringed], 10, 10), null, "a hole");
  assert.equal(regionAt([square, ringed], 12, 12), "complete", "in the hole of the other");
  for (const regions of [
    [square, ringed],
    [ringed, square],
  ])
    assert.equal(regionAt(regions, 17, 17), "ignore");
});

test("property: adjacent regions share no point and leave no gap", () => {
  const number = fc.integer({ min: 0, max: 40 });
  fc.assert(
    fc.property(number, number, fc.integer({ min: 1, max: 39 }), (x, y, middle) => {
      const halves = [rectangleRing(0, 0, middle, 40), rectangleRing(middle, 0, 40, 40)];
      const inside = halves.filter((ring) => regionAt([{ kind: "complete", rings: [ring] }], x, y) !== null);
      assert.equal(inside.length, x < 40 && y < 40 ? 1 : 0);
    }),
  );
});

test("property: a triangle contains the points on the inner side of its three edges", () => {
  const coordinate = fc.integer({ min: -5000, max: 5000 }).map((value) => value / 97);
  const point = fc.tuple(coordinate, coordinate);
  fc.assert(
    fc.property(point, point, point, point, (a, b, c, p) => {
      const side = ([x1, y1]: number[], [x2, y2]: number[]) => (x2 - x1) * (p[1] - y1) - (y2 - y1) * (p[0] - x1);
      const sides = [side(a, b), side(b, c), side(c, a)];
      fc.pre(sides.every((value) => Math.abs(value) > 1e-6));
      const expected = sides.every((value) => value > 0) || sides.every((value) => value < 0);
      assert.equal(regionAt([{ kind: "ignore", rings: [[...a, ...b, ...c]] }], p[0], p[1]) === "ignore", expected);
    }),
  );
});

test("a region is moved point by point", () => {
  assert.deepEqual(moveRegion(square, (x, y) => [40 - x, y / 2]).rings, [[30, 5, 10, 5, 10, 15, 30, 15]]);
});
