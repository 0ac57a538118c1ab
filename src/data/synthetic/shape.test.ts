import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { Random } from "../../random.ts";
import { Noise } from "./noise.ts";
import { blob, paint, ring, rod, roughen, type Shape, union } from "./shape.ts";

const raster = { width: 101, height: 97 };

function paintedArea(shape: Shape, softness = 0.5): number {
  let area = 0;
  paint(raster, { shape, softness }, (_pixel, cover) => {
    area += cover;
  });
  return area;
}

test("painted areas equal those of the geometry", () => {
  const middle = { x: 50.3, y: 48.2 };
  for (const elongation of [1, 1.7, 3]) {
    const shape = blob({ ...middle, radius: 15, elongation, angle: 0.7, irregularity: 0, random: new Random(1) });
    assert.ok(Math.abs(paintedArea(shape) / (Math.PI * 15 ** 2) - 1) < 0.03, `elongation ${elongation}: ${paintedArea(shape)}`);
  }
  const bar = rod({ ...middle, length: 40, thickness: 8, angle: 1, bend: 0 });
  assert.ok(Math.abs(paintedArea(bar) / (32 * 8 + Math.PI * 4 ** 2) - 1) < 0.02);
  const wall = ring({ ...middle, radius: 20, thickness: 6 });
  assert.ok(Math.abs(paintedArea(wall) / (Math.PI * (23 ** 2 - 17 ** 2)) - 1) < 0.02);
});

test("no part of a shape is beyond its reach, and parts outside the image are not painted", () => {
  const noise = new Noise(new Random(2));
  const property = fc.property(
    fc.nat(),
    fc.double({ min: -20, max: 120, noNaN: true }),
    fc.double({ min: 1, max: 4, noNaN: true }),
    (seed, x, elongation) => {
      const random = new Random(seed);
      const oval = blob({ x, y: 40, radius: 9, elongation, angle: random.uniform(0, 6), irregularity: 0.3, random });
      const bow = rod({ x: x + 7, y: 44, length: 22, thickness: 6, angle: random.uniform(0, 6), bend: random.uniform(-4, 4) });
      const both = union(x, 40, [oval, bow]);
      for (const shape of [oval, bow, both, roughen(both, { noise, height: 2, period: 2.5 })]) {
        for (let i = 0; i < 40; i++) {
          const [direction, away] = [random.uniform(0, 7), shape.reach + random.uniform(0.01, 30)];
          assert.ok(shape.distance(away * Math.cos(direction), away * Math.sin(direction)) >= -1e-6);
        }
      }
      paint(raster, { shape: both, softness: 1.5 }, (pixel, cover, _depth, column, row) => {
        assert.ok(column >= 0 && column < raster.width && row >= 0 && row < raster.height);
        assert.equal(pixel, row * raster.width + column);
        assert.ok(cover > 0 && cover <= 1);
      });
    },
  );
  fc.assert(property, { numRuns: 60 });
});
