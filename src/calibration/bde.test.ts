import assert from "node:assert/strict";
import { describe, test } from "node:test";
import fc from "fast-check";
import { bde } from "./bde.ts";
import type { Rois } from "./calibration.ts";
import { fpn } from "./fpn.ts";

/** The factor in Eqs (9) and (10), one equation after another, on R boxes. */
function slowWeights({ labels, boxes }: Rois): number[] {
  const all = Array.from(labels.keys());
  const center = all.map((r) => [(boxes[4 * r] + boxes[4 * r + 2]) / 2, (boxes[4 * r + 1] + boxes[4 * r + 3]) / 2]);
  const distance = (i: number, j: number): number =>
    Math.abs(center[i][0] - center[j][0]) + Math.abs(center[i][1] - center[j][1]); // (6)
  const density = all.map((i) => all.reduce((sum, j) => sum + distance(i, j), 0) / all.length); // (5)
  const largest = Math.max(0, ...all.flatMap((i) => all.map((j) => distance(i, j))));
  const energy = density.map((value) => (largest === 0 ? 0 : value / largest)); // (8)
  return all.map((r) => (labels[r] === 0 ? energy[r] : 1));
}

const roisOf = (labels: number[], boxes: number[][]): Rois => ({
  labels: Int32Array.from(labels),
  probabilities: new Float32Array(2 * labels.length).fill(0.5),
  boxes: Float32Array.from(boxes.flat()),
});

const at = (x: number, y: number, side = 8): number[] => [x - side / 2, y - side / 2, x + side / 2, y + side / 2];

describe("bde", () => {
  test("property: weights are those of the equations, for both parts of the loss", () => {
    const one = fc.record({
      label: fc.integer({ min: 0, max: 1 }),
      x: fc.integer({ min: -50, max: 900 }),
      y: fc.integer({ min: -50, max: 900 }),
      side: fc.integer({ min: 1, max: 64 }),
    });
    fc.assert(
      fc.property(fc.array(one, { maxLength: 30 }), (list) => {
        const rois = roisOf(
          list.map(({ label }) => label),
          list.map(({ x, y, side }) => at(x, y, side)),
        );
        const { clsWeight, boxWeight } = bde.calibrate(rois, 0.5);
        slowWeights(rois).forEach((expected, r) => {
          assert.ok(Math.abs(clsWeight[r] - expected) < 1e-6);
          assert.ok(Math.abs(boxWeight[r] - expected) < 1e-6);
        });
      }),
    );
  });

  test("an annotated cell counts fully, wherever it lies", () => {
    const { clsWeight, boxWeight } = bde.calibrate(roisOf([1, 0, 1, 0], [at(0, 0), at(0, 0), at(500, 500), at(100, 0)]), 0);
    assert.deepEqual([clsWeight[0], clsWeight[2], boxWeight[0], boxWeight[2]], [1, 1, 1, 1]);
  });

  test("background in a crowd weighs less than background by itself: 1 − m/N of two groups", () => {
    const { clsWeight } = bde.calibrate(roisOf([0, 0, 0, 0], [at(0, 0), at(0, 0), at(0, 0), at(60, 40)]), 0);
    assert.deepEqual(Array.from(clsWeight), [0.25, 0.25, 0.25, 0.75]);
  });

  test("targets stay the labels", () => {
    const rois = roisOf([1, 0], [at(0, 0), at(9, 9)]);
    assert.deepEqual(Array.from(bde.calibrate(rois, 0).targets), [0, 1, 1, 0]);
  });
});

test("fpn changes nothing: labels as targets, weights of 1", () => {
  const rois: Rois = {
    labels: Int32Array.of(2, 0),
    probabilities: Float32Array.of(0.2, 0.3, 0.5, 1, 0, 0),
    boxes: new Float32Array(8),
  };
  const { targets, clsWeight, boxWeight } = fpn.calibrate(rois, 0);
  assert.deepEqual(
    [Array.from(targets), Array.from(clsWeight), Array.from(boxWeight)],
    [
      [0, 0, 1, 1, 0, 0],
      [1, 1],
      [1, 1],
    ],
  );
});
