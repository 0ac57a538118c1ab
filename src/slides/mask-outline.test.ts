import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { regionAt } from "../geometry/region.ts";
import { maskOf } from "./mask.fixture.ts";
import { has, type Mask } from "./mask.ts";
import { outlinesOf } from "./mask-outline.ts";

const drawn = (...rows: string[]): Mask => maskOf(rows[0].length, rows.length, (x, y) => rows[y][x] === "#");

const masks = fc
  .tuple(fc.integer({ min: 1, max: 40 }), fc.integer({ min: 1, max: 12 }))
  .chain(([width, height]) =>
    fc
      .array(fc.boolean(), { minLength: width * height, maxLength: width * height })
      .map((values) => maskOf(width, height, (x, y) => values[y * width + x])),
  );

test("pixels that meet at a corner are apart; holes follow their outline", () => {
  const pieces = outlinesOf(drawn("##.", "##.", "..#"));
  assert.deepEqual(
    pieces.map((rings) => rings.length),
    [1, 1],
  );
  assert.deepEqual(pieces[1], [[[2.5, 2, 3, 2.5, 2.5, 3, 2, 2.5]]].flat());
  const [ringed, inner, ...others] = outlinesOf(drawn("#####", "#...#", "#.#.#", "#...#", "#####"));
  assert.deepEqual([ringed.length, inner.length, others.length], [2, 1, 0]);
  assert.deepEqual(ringed[0], [0.5, 0, 4.5, 0, 5, 0.5, 5, 4.5, 4.5, 5, 0.5, 5, 0, 4.5, 0, 0.5]);
});

test("property: an odd number of rings encloses the middle of each pixel of the mask, and of no other", () => {
  fc.assert(
    fc.property(masks, (mask) => {
      const pieces = outlinesOf(mask);
      const region = { kind: "complete", rings: pieces.flat() } as const;
      for (let y = 0; y < mask.height; y++)
        for (let x = 0; x < mask.width; x++) assert.equal(regionAt([region], x + 0.5, y + 0.5) !== null, has(mask, x, y));
      const edges = pieces
        .flat()
        .flatMap((ring) => ring.map((value, i) => (i % 2 === 0 ? `${value},${ring[i + 1]}` : "")))
        .filter(Boolean);
      assert.equal(new Set(edges).size, edges.length, "no two rings touch");
    }),
  );
});
