import assert from "node:assert/strict";
import { test } from "node:test";
import { Random } from "../random.ts";
import { regionAt } from "./region.ts";
import { both, everywhere, except, polygonArea } from "./search-area.ts";

const ring = [
  [100, 100, 900, 100, 900, 700, 500, 300, 100, 700],
  [300, 150, 400, 150, 400, 250, 300, 250], // a hole
];

test("points are in a polygon as in a region, its hole is not", () => {
  const random = new Random(1);
  const area = polygonArea([ring]);
  for (let i = 0; i < 5000; i++) {
    const [x, y] = [random.uniform(0, 1000), random.uniform(0, 800)];
    assert.equal(area.holds(x, y), regionAt([{ kind: "complete", rings: ring }], x, y) !== null);
  }
});

test("a rectangle touches a polygon where any of its points is inside", () => {
  const random = new Random(2);
  const area = polygonArea([ring, [[0, 750, 50, 750, 50, 790]]]);
  let outside = 0;
  for (let i = 0; i < 1000; i++) {
    const [x, y, width, height] = [
      random.uniform(-50, 1000),
      random.uniform(-50, 850),
      random.uniform(1, 200),
      random.uniform(1, 200),
    ];
    const touches = area.touches(x, y, x + width, y + height);
    if (!touches) outside++;
    for (let k = 0; k < 20 && !touches; k++)
      assert.ok(!area.holds(x + width * random.uniform(), y + height * random.uniform()), `${x} ${y} ${width} ${height}`);
  }
  assert.ok(outside > 200, `${outside} outside`);
  assert.ok(area.touches(310, 160, 390, 240) === false, "inside the hole");
  assert.ok(area.touches(0, 0, 2000, 2000), "the polygon lies in the rectangle");
});

test("parts of areas", () => {
  const left = polygonArea([[[0, 0, 10, 0, 10, 10, 0, 10]]]);
  const right = polygonArea([[[5, 0, 15, 0, 15, 10, 5, 10]]]);
  assert.deepEqual(
    [2, 7, 12].map((x) => [both(left, right).holds(x, 5), both(left, except(right)).holds(x, 5), everywhere.holds(x, 5)]),
    [
      [false, true, true],
      [true, false, true],
      [false, false, true],
    ],
  );
  assert.equal(both(left, right).touches(11, 0, 14, 5), false);
});
