// What a window of an image shows: marks that move with the pixels, cells at its border by the rule, the same size of cells always.

import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import type { KnownCells } from "../detector/known-cells.ts";
import { regionAt } from "../geometry/region.ts";
import { boxAt } from "../geometry/rows.ts";
import { Random } from "../random.ts";
import type { Resolution } from "../settings/detector.ts";
import { knownInWindow, upright, wholeImage, windowOf, windowsIn } from "./training-window.ts";

const input: Resolution = { kind: "resolution", window: 128, mpp: null, scale: 0.5 };
const cells = (...boxes: number[][]): KnownCells => ({
  boxes: Float32Array.from(boxes.flat()),
  labels: new Int32Array(boxes.length).fill(1),
});

test("property: a window lies inside its image, and cells keep the size of the working resolution", () => {
  const random = new Random(3);
  fc.assert(
    fc.property(
      fc.integer({ min: 1, max: 900 }),
      fc.integer({ min: 1, max: 900 }),
      fc.double({ min: 0.1, max: 4, noNaN: true }),
      fc.double({ min: 0.8, max: 1.25, noNaN: true }),
      (width, height, scale, zoom) => {
        const image = { width, height };
        const known = cells([width / 4, height / 4, width / 2, height / 2]);
        const { crop, size } = windowOf(image, known, { input: { ...input, scale }, zoom, random });
        assert.ok(crop.x >= 0 && crop.y >= 0 && crop.x + crop.width <= width && crop.y + crop.height <= height);
        assert.ok([crop.x, crop.y, crop.width, crop.height, size.width, size.height].every(Number.isInteger));
        assert.ok(size.width >= 1 && size.height >= 1 && size.width <= input.window && size.height <= input.window);
        for (const [whole, part] of [
          [size.width, crop.width],
          [size.height, crop.height],
        ])
          assert.ok(
            Math.abs(whole - part * scale * zoom) <= Math.max(1, 0.51 * scale * zoom),
            `${whole} of ${part} at ${scale * zoom}`,
          );
      },
    ),
  );
});

test("three windows in four hold a mark, the others are anywhere", () => {
  const image = { width: 4000, height: 4000 };
  const known = cells([100, 100, 120, 120], [3900, 2000, 3990, 2080]);
  const random = new Random(1);
  let [onMarks, elsewhere] = [0, 0];
  for (let i = 0; i < 1000; i++) {
    const window = { ...windowOf(image, known, { input, zoom: 1, random }), symmetry: upright };
    if (knownInWindow(known, image, window).labels.length > 0) onMarks++;
    else elsewhere++;
  }
  assert.ok(onMarks > 700 && onMarks < 800, `${onMarks} and ${elsewhere}`);
});

test("a cell that the border cuts belongs to the window with its centre; elsewhere its visible part is ignored", () => {
  const image = { width: 400, height: 400 };
  const known: KnownCells = {
    ...cells([90, 90, 130, 110], [70, 40, 120, 60], [200, 200, 210, 210]),
    negatives: Float32Array.of(50, 50, 60, 60, 99, 0, 110, 10),
    regions: [{ kind: "complete", rings: [[0, 0, 100, 0, 100, 100]] }],
  };
  const window = { crop: { x: 0, y: 0, width: 100, height: 100 }, size: { width: 50, height: 50 }, symmetry: upright };
  const seen = knownInWindow(known, image, window);
  assert.deepEqual(Array.from(seen.boxes), [35, 20, 50, 30]);
  assert.deepEqual(Array.from(seen.labels), [1]);
  assert.deepEqual(Array.from(seen.negatives ?? []), [25, 25, 30, 30]);
  assert.equal(regionAt(seen.regions, 47, 47), "ignore", "the corner of a cell whose centre is outside");
  assert.equal(regionAt(seen.regions, 40, 20), "complete", "regions come along");
  assert.equal(knownInWindow(known, image, { ...wholeImage(image), symmetry: upright }).labels.length, 3);
});

test("the eight symmetries move boxes as they move pixels", () => {
  const image = { width: 40, height: 20 };
  const known = cells([2, 3, 8, 5]);
  const box = (mirrorX: boolean, mirrorY: boolean, transpose: boolean) =>
    boxAt(knownInWindow(known, image, { ...wholeImage(image), symmetry: { mirrorX, mirrorY, transpose } }).boxes, 0);
  assert.deepEqual(box(true, false, false), [32, 3, 38, 5]);
  assert.deepEqual(box(false, true, false), [2, 15, 8, 17]);
  assert.deepEqual(box(false, false, true), [3, 2, 5, 8]);
  assert.deepEqual(box(true, true, true), [15, 32, 17, 38]);
});

test("an epoch sees an image as often as it fills windows", () => {
  assert.equal(windowsIn({ width: 200, height: 200 }, input), 1);
  assert.equal(windowsIn({ width: 1024, height: 512 }, input), 8);
  assert.equal(windowsIn({ width: 1024, height: 512, mpp: 0.5 }, { ...input, mpp: 1 }), 8);
  assert.equal(windowsIn({ width: 1024, height: 512, mpp: 0.25 }, { ...input, mpp: 1 }), 2);
});
