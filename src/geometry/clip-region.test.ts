import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import type { Box } from "./box.ts";
import { clipRegion } from "./clip-region.ts";
import { type Region, rectangleRing, regionAt, ringBounds } from "./region.ts";

const place = fc.integer({ min: -40, max: 140 });
const rings = fc.array(
  fc.array(place, { minLength: 6, maxLength: 24 }).map((ring) => ring.slice(0, ring.length - (ring.length % 2))),
  { minLength: 1, maxLength: 3 },
);

test("property: within the box the part is the region, also of rings that cross themselves; outside there is nothing", () => {
  const box: Box = [10, 20, 90, 70];
  fc.assert(
    fc.property(rings, (rings) => {
      const region: Region = { kind: "complete", rings };
      const part = clipRegion(region, box);
      for (let y = 20.37; y < 70; y += 3.1)
        for (let x = 10.53; x < 90; x += 3.7)
          assert.equal(regionAt(part ? [part] : [], x, y), regionAt([region], x, y), `${x} ${y}`);
      if (part === null) return;
      const [x1, y1, x2, y2] = ringBounds(part.rings);
      assert.ok(x1 >= 10 - 1e-9 && y1 >= 20 - 1e-9 && x2 <= 90 + 1e-9 && y2 <= 70 + 1e-9);
    }),
  );
});

test("a region inside stays as it is; of one outside, or that only touches the border, nothing is left", () => {
  const inside = { kind: "ignore", rings: [rectangleRing(1, 1, 5, 5), rectangleRing(2, 2, 3, 3)] } as const;
  assert.deepEqual(clipRegion(inside, [0, 0, 10, 10]), inside);
  for (const ring of [rectangleRing(10, 0, 20, 10), rectangleRing(0, -5, 10, 0), rectangleRing(30, 30, 40, 40)])
    assert.equal(clipRegion({ kind: "ignore", rings: [ring] }, [0, 0, 10, 10]), null);
});
