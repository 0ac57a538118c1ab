// The package as a library, under its own name, as users import it.

import assert from "node:assert/strict";
import { existsSync } from "node:fs";
import { test } from "node:test";
import { type Box, boxesDensity, boxesEnergy, type Detection, evaluate, iou, type Truth } from "sparsecell";

test("import from sparsecell gives functions on plain numbers", () => {
  const centers = [
    [0, 0],
    [2, 0],
    [2, 4],
  ];
  assert.deepEqual(Array.from(boxesDensity(centers)), [8 / 3, 2, 10 / 3]); // mean Manhattan distances
  assert.deepEqual(Array.from(boxesEnergy(centers)), [8 / 18, 1 / 3, 10 / 18]); // over the largest, 6
  assert.deepEqual(boxesEnergy(Float64Array.from(centers.flat())), boxesEnergy(centers));
  const box: Box = [0, 0, 10, 10];
  const truth: Truth = { imageId: 1, categoryId: 1, box };
  const detection: Detection = { ...truth, score: 0.9 };
  assert.equal(iou(box, [0, 0, 10, 5]), 0.5);
  assert.equal(evaluate([truth], [detection], { images: 1 }).ap11, 1);
});

test("types are part of the package", () => {
  assert.ok(existsSync(new URL(import.meta.resolve("sparsecell").replace(/\.js$/, ".d.ts"))));
});
