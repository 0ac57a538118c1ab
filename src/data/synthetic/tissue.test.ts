import assert from "node:assert/strict";
import { test } from "node:test";
import { Random } from "../../random.ts";
import { Noise } from "./noise.ts";
import { type Site, Tissue } from "./tissue.ts";

const tissue = (seed: number, [width, height] = [300, 200]) =>
  new Tissue({ width, height, scale: 1, nests: 0.7, gaps: 0.05, random: new Random(seed) });

test("cells keep their distance and are placed where requested", () => {
  for (let seed = 0; seed < 5; seed++) {
    const field = tissue(seed);
    const inside = field.populateInside({ count: 3, radius: [13, 15] });
    const nests = field.populate({ count: 60, radius: [8, 12], where: "nest" });
    const stroma = field.populate({ count: 10, radius: [5, 7], where: "stroma" });
    assert.ok(inside.length === 3 && nests.length > 20);
    for (const { x, y } of inside) assert.ok(x >= 0 && y >= 0 && x < 300 && y < 200);
    for (const { x, y } of nests) assert.ok(field.nest(x, y) > 0.5);
    for (const { x, y } of stroma) assert.ok(field.nest(x, y) <= 0.5);
    const all = [...inside, ...nests, ...stroma];
    all.forEach((a, i) => {
      for (const b of all.slice(0, i)) assert.ok(Math.hypot(a.x - b.x, a.y - b.y) >= 0.9 * (a.radius + b.radius));
    });
  }
});

test("one cell fits into the smallest image", () => {
  for (let seed = 0; seed < 50; seed++)
    assert.ok(tissue(seed, [16, 16]).populateInside({ count: 4, radius: [13, 15] }).length >= 1);
});

test("cell bodies against the slow reference", () => {
  const field = tissue(1, [60, 50]);
  const random = new Random(2);
  const sites: Site[] = Array.from({ length: 9 }, () => ({ ...field.anywhere(), radius: random.uniform(6, 12) }));
  const { nearest, lead } = field.cellBodies(sites);
  for (let pixel = 0; pixel < nearest.length; pixel++) {
    const [x, y] = [(pixel % 60) + 0.5, Math.floor(pixel / 60) + 0.5];
    const away = sites.map((site) => Math.min(2.6, Math.hypot(site.x - x, site.y - y) / site.radius)).sort((a, b) => a - b);
    assert.ok(Math.abs(nearest[pixel] - away[0]) < 1e-6);
    assert.ok(Math.abs(lead[pixel] - (away[1] - away[0])) < 1e-6);
  }
});

test("noise is smooth, in [-1, 1], and not constant", () => {
  const noise = new Noise(new Random(3));
  const random = new Random(4);
  let [low, high] = [1, -1];
  for (let i = 0; i < 2000; i++) {
    const [x, y] = [random.uniform(-300, 300), random.uniform(-300, 300)];
    const value = noise.at(x, y);
    assert.ok(Math.abs(noise.fractal(x, y, 3)) <= 1);
    assert.ok(Math.abs(noise.at(x + 1e-3, y - 1e-3) - value) < 1e-2);
    [low, high] = [Math.min(low, value), Math.max(high, value)];
  }
  assert.ok(low >= -1 && low < -0.8 && high <= 1 && high > 0.8);
});
