import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { ellipseRing, rotateRing } from "./rotated-ring.ts";

const pixels = fc.double({ min: -1e4, max: 1e4, noNaN: true });
const close = (a: number, b: number) => Math.abs(a - b) < 1e-5;

test("a positive angle turns clockwise on the screen", () => {
  assert.deepEqual(rotateRing([3, 0, 0, 0], { x: 0, y: 0, degrees: 90 }), [0, 3, 0, 0]);
  assert.deepEqual(rotateRing([], { x: 1, y: 2, degrees: 3 }), []);
});

test("turning there and back changes nothing, and no distance to the centre changes", () => {
  fc.assert(
    fc.property(pixels, pixels, pixels, pixels, fc.double({ min: -720, max: 720, noNaN: true }), (px, py, x, y, degrees) => {
      const there = rotateRing([px, py], { x, y, degrees });
      const [backX, backY] = rotateRing(there, { x, y, degrees: -degrees });
      assert.ok(close(backX, px) && close(backY, py));
      assert.ok(close(Math.hypot(there[0] - x, there[1] - y), Math.hypot(px - x, py - y)));
    }),
  );
});

test("an ellipse's points satisfy its equation; its bounds lose at most 0.4 %", () => {
  fc.assert(
    fc.property(
      fc.double({ min: 1, max: 50, noNaN: true }),
      fc.double({ min: 1, max: 50, noNaN: true }),
      fc.integer({ min: 0, max: 360 }),
      (rx, ry, degrees) => {
        const ring = ellipseRing({ x: 5, y: -7, rx, ry, degrees });
        const level = rotateRing(ring, { x: 5, y: -7, degrees: -degrees });
        for (let i = 0; i < level.length; i += 2)
          assert.ok(Math.abs(((level[i] - 5) / rx) ** 2 + ((level[i + 1] + 7) / ry) ** 2 - 1) < 1e-4);
        const angle = (degrees * Math.PI) / 180;
        const half = Math.hypot(rx * Math.cos(angle), ry * Math.sin(angle));
        const right = Math.max(...ring.filter((_, i) => i % 2 === 0)) - 5;
        assert.ok(right <= half + 1e-5 && right >= half * 0.996 - 1e-5);
      },
    ),
  );
});
