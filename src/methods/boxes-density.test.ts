import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { Random } from "../random.ts";
import { boxesDensity, boxesEnergy } from "./boxes-density.ts";

// Eqs (5), (6) and (8) as printed: every pair.
const distance = (c: ArrayLike<number>, i: number, j: number) =>
  Math.abs(c[2 * i] - c[2 * j]) + Math.abs(c[2 * i + 1] - c[2 * j + 1]);

function slowDistances(c: ArrayLike<number>, i: number): number[] {
  return Array.from({ length: c.length / 2 }, (_, j) => distance(c, i, j));
}
const slowDensity = (c: ArrayLike<number>, i: number) => slowDistances(c, i).reduce((sum, d) => sum + d, 0) / (c.length / 2);

function slowLargest(c: ArrayLike<number>): number {
  return Math.max(0, ...Array.from({ length: c.length / 2 }, (_, i) => Math.max(...slowDistances(c, i))));
}

function assertClose(actual: number, expected: number, relative = 1e-12) {
  assert.ok(Math.abs(actual - expected) <= relative * Math.abs(expected), `${actual} is not ${expected}`);
}

// Coordinates on a grid of 1/64 px coincide now and then, and adding an offset or doubling them rounds nothing.
const coordinate = fc.integer({ min: -6400, max: 6400 }).map((n) => n / 64);
const gridCenters = fc.array(fc.tuple(coordinate, coordinate), { maxLength: 40 });
const anyCoordinate = fc.double({ min: -1e9, max: 1e9, noNaN: true });
const anyCenters = fc.array(fc.tuple(anyCoordinate, anyCoordinate), { minLength: 1, maxLength: 40 });

test("by hand: three boxes", () => {
  // Distances: a–b 3 + 4 = 7, a–c 10, b–c 7 + 4 = 11.
  const centers = Float64Array.of(0, 0, 3, 4, 10, 0);
  assert.deepEqual([...boxesDensity(centers)], [17 / 3, 18 / 3, 21 / 3]);
  assert.deepEqual([...boxesEnergy(centers)], [17 / 3 / 11, 18 / 3 / 11, 21 / 3 / 11]);
});

test("Eq. (7): in k groups at distance d of each other, density is d·(1 − m/N)", () => {
  const [d, sizes] = [20, [1, 2, 5, 8]];
  const places = [
    [d / 2, 0],
    [-d / 2, 0],
    [0, d / 2],
    [0, -d / 2],
  ]; // each d from each other in Manhattan distance
  const groups = sizes.flatMap((m, g) => Array<number>(m).fill(g));
  const centers = groups.map((g) => places[g]);
  const expected = groups.map((g) => 1 - sizes[g] / centers.length);
  assert.deepEqual(
    [...boxesDensity(centers)],
    expected.map((energy) => d * energy),
  );
  assert.deepEqual([...boxesEnergy(centers)], expected);
});

test("no box, one box and boxes at one place have a density and an energy", () => {
  assert.deepEqual([...boxesDensity([])], []);
  assert.deepEqual([...boxesEnergy(new Float64Array(0))], []);
  for (const n of [1, 2, 7]) {
    const centers = Array.from({ length: n }, () => [12.3, -4.56]);
    assert.deepEqual([...boxesDensity(centers)], Array(n).fill(0));
    assert.deepEqual([...boxesEnergy(centers)], Array(n).fill(0));
  }
  assert.deepEqual(
    [
      ...boxesEnergy([
        [0, 0],
        [5e-324, 0],
      ]),
    ].map(Number.isFinite),
    [true, true],
  );
  assert.deepEqual(
    [
      ...boxesEnergy([
        [-0, 0],
        [0, -0],
      ]),
    ],
    [0, 0],
  );
});

test("equals the sum over all pairs", () => {
  fc.assert(
    fc.property(anyCenters, (centers) => {
      const flat = Float64Array.from(centers.flat());
      const density = boxesDensity(centers);
      const energy = boxesEnergy(flat);
      const largest = slowLargest(flat);
      centers.forEach((_, i) => {
        assertClose(density[i], slowDensity(flat, i));
        assertClose(energy[i], largest === 0 ? 0 : slowDensity(flat, i) / largest);
        assert.ok(energy[i] >= 0 && energy[i] < 1);
      });
    }),
  );
});

test("100,000 boxes, most of them in few places: sampled boxes equal the sum over all pairs", () => {
  const random = new Random(1);
  for (const offset of [0, 1e6]) {
    const cells = Array.from({ length: 50 }, () => [random.uniform(0, 2000), random.uniform(0, 2000)]);
    const centers = Float64Array.from(
      { length: 200_000 },
      (_, k) => offset + cells[(k >> 1) % 50][k & 1] + (k % 6 < 2 ? random.normal(0, 1e-3) : 0),
    );
    centers.set([offset - 1e5, offset + 1e5]); // one box far away from all
    const [density, energy] = [boxesDensity(centers), boxesEnergy(centers)];
    const largest = slowDistances(centers, 0).reduce((a, b) => Math.max(a, b)); // box 0 is the far one
    for (const i of [0, 1, 2, 99_999, ...Array.from({ length: 20 }, () => random.integer(100_000))]) {
      assertClose(density[i], slowDensity(centers, i), 1e-11); // the reference adds 100,000 rounded terms itself
      assertClose(energy[i], density[i] / largest);
    }
  }
});

test("density does not depend on the origin, and energy not on the scale", () => {
  fc.assert(
    fc.property(
      gridCenters,
      fc.constantFrom(0.5, 2, 64),
      fc.integer({ min: -(2 ** 30), max: 2 ** 30 }),
      (centers, scale, offset) => {
        const [density, energy] = [boxesDensity(centers), boxesEnergy(centers)];
        const moved = centers.map(([x, y]) => [x + offset, y - offset]);
        assert.deepEqual(boxesDensity(moved), density);
        assert.deepEqual(boxesEnergy(moved), energy);
        const scaled = centers.map(([x, y]) => [x * scale, y * scale]);
        assert.deepEqual(
          boxesDensity(scaled),
          density.map((value) => value * scale),
        );
        assert.deepEqual(boxesEnergy(scaled), energy);
      },
    ),
  );
});

test("permutes with the boxes, and swapping the axes changes nothing", () => {
  fc.assert(
    fc.property(anyCenters, fc.integer(), (centers, seed) => {
      const energy = boxesEnergy(centers);
      const order = new Random(seed).shuffled(centers.map((_, i) => i));
      const permuted = boxesEnergy(order.map((i) => centers[i]));
      for (const [to, from] of order.entries()) assertClose(permuted[to], energy[from]);
      assert.deepEqual(boxesDensity(centers.map(([x, y]) => [y, x])), boxesDensity(centers));
    }),
  );
});

test("does not change its input", () => {
  const centers = Float64Array.of(5, 1, 3, 2);
  boxesEnergy(centers);
  assert.deepEqual([...centers], [5, 1, 3, 2]);
});

test("an invalid centre is named", () => {
  assert.throws(
    () => boxesDensity(Float64Array.of(0, 1, 2, NaN)),
    new RangeError("boxesDensity: expected finite centers, got NaN at 3"),
  );
  assert.throws(
    () =>
      boxesEnergy([
        [0, 1],
        [Infinity, 2],
      ]),
    new RangeError("boxesEnergy: expected finite centers, got Infinity at 2"),
  );
  assert.throws(
    () => boxesDensity(Float64Array.of(0, 1, 2)),
    new RangeError("boxesDensity: expected x and y of every center, got 3 numbers"),
  );
  assert.throws(
    () =>
      boxesDensity([
        [0, 1],
        [1, 2, 3],
      ]),
    new RangeError("boxesDensity: expected [x, y] as center 1, got 3 numbers"),
  );
});
