import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { regionAt } from "../../geometry/region.ts";
import { ringsOf } from "./unlabelled.ts";

test("equal runs are one rectangle", () => {
  assert.deepEqual(ringsOf(Uint8Array.of(1, 1, 0, 1, 1, 0), { width: 3, height: 2 }), [[0, 0, 2, 0, 2, 2, 0, 2]]);
  assert.deepEqual(ringsOf(new Uint8Array(6), { width: 3, height: 2 }), []);
});

test("the rings hold just the pixels", () => {
  const masks = fc
    .tuple(fc.integer({ min: 1, max: 7 }), fc.integer({ min: 1, max: 7 }))
    .chain(([width, height]) =>
      fc
        .array(fc.nat(1), { minLength: width * height, maxLength: width * height })
        .map((values) => ({ width, height, pixels: Uint8Array.from(values) })),
    );
  fc.assert(
    fc.property(masks, ({ width, height, pixels }) => {
      const rings = ringsOf(pixels, { width, height });
      for (const [i, on] of pixels.entries()) {
        const [x, y] = [(i % width) + 0.5, Math.floor(i / width) + 0.5];
        assert.equal(regionAt([{ kind: "ignore", rings }], x, y), on ? "ignore" : null);
      }
    }),
  );
});
