import assert from "node:assert/strict";
import { describe, test } from "node:test";
import fc from "fast-check";
import { bde } from "./bde.ts";
import { assertClose, context, type Roi, roi, roisOf } from "./calibration.fixture.ts";
import type { Rois } from "./calibration.ts";
import { fpn } from "./fpn.ts";

/** Eq. (8) of each of N boxes [N, 4], one equation after another. */
function slowEnergy(boxes: Float32Array): number[] {
  const all = Array.from({ length: boxes.length / 4 }, (_, r) => r);
  const center = all.map((r) => [(boxes[4 * r] + boxes[4 * r + 2]) / 2, (boxes[4 * r + 1] + boxes[4 * r + 3]) / 2]);
  const distance = (i: number, j: number): number =>
    Math.abs(center[i][0] - center[j][0]) + Math.abs(center[i][1] - center[j][1]); // (6)
  const density = all.map((i) => all.reduce((sum, j) => sum + distance(i, j), 0) / all.length); // (5)
  const largest = Math.max(0, ...all.flatMap((i) => all.map((j) => distance(i, j))));
  return density.map((value) => (largest === 0 ? 0 : value / largest)); // (8)
}

/** The factor in Eqs (9) and (10). */
const slowWeights = ({ labels, boxes }: Rois): number[] => slowEnergy(boxes).map((energy, r) => (labels[r] === 0 ? energy : 1));

const at = (x: number, y: number, side = 8): number[] => [x - side / 2, y - side / 2, x + side / 2, y + side / 2];
const placed = (label: number, box: number[], more: Partial<Roi> = {}): Roi => roi(label, [0.5, 0.5], { box, ...more });

const place = fc
  .tuple(fc.integer({ min: -50, max: 900 }), fc.integer({ min: -50, max: 900 }), fc.integer({ min: 1, max: 64 }))
  .map(([x, y, side]) => at(x, y, side));
const one = fc.record({ label: fc.integer({ min: 0, max: 2 }), logits: fc.constant([0, 0, 0]), box: place, proposal: place });
const some = fc.array(one, { maxLength: 30 });

describe("bde", () => {
  test("property: weights are those of the equations, for both parts of the loss", () => {
    fc.assert(
      fc.property(some, (list) => {
        const rois = roisOf(list);
        const { classWeight, boxWeight, distribution } = bde().calibrate(rois, context());
        assertClose(classWeight, slowWeights(rois));
        assert.deepEqual(boxWeight, classWeight);
        assert.deepEqual(distribution, fpn().calibrate(rois, context()).distribution);
      }),
    );
  });

  test("an annotated cell counts fully, wherever it is", () => {
    const list = [placed(1, at(0, 0)), placed(0, at(0, 0)), placed(1, at(500, 500)), placed(0, at(100, 0))];
    const { classWeight, boxWeight } = bde().calibrate(roisOf(list), context());
    assert.deepEqual([classWeight[0], classWeight[2], boxWeight[0], boxWeight[2]], [1, 1, 1, 1]);
  });

  test("crowded background weighs less than isolated background: 1 − m/N for two groups", () => {
    const list = [at(0, 0), at(0, 0), at(0, 0), at(60, 40)].map((box) => placed(0, box));
    assert.deepEqual(Array.from(bde().calibrate(roisOf(list), context()).classWeight), [0.25, 0.25, 0.25, 0.75]);
  });

  test("targets are the labels at any time", () => {
    const rois = roisOf([placed(1, at(0, 0)), placed(0, at(9, 9))]);
    for (const progress of [0, 1])
      assert.deepEqual(Array.from(bde().calibrate(rois, context(progress)).distribution), [0, 1, 1, 0]);
  });
});

describe("bde regressed=false", () => {
  test("property: is bde of the proposals", () => {
    fc.assert(
      fc.property(some, (list) => {
        const rois = roisOf(list);
        const moved = bde().calibrate({ ...rois, boxes: rois.proposals }, context());
        assert.deepEqual(bde({ regressed: false }).calibrate(rois, context()), moved);
      }),
    );
  });
});

describe("bde boxes=all", () => {
  const crowd = fc.array(fc.tuple(place, place), { minLength: 1, maxLength: 30 });

  test("property: an RoI has its energy among all proposals", () => {
    fc.assert(
      fc.property(crowd, fc.boolean(), fc.infiniteStream(fc.tuple(fc.nat(), fc.nat(2))), (list, regressed, choices) => {
        const boxes = Float32Array.from(list.flatMap(([box]) => box));
        const proposals = Float32Array.from(list.flatMap(([, proposal]) => proposal));
        const chosen = [...choices.take(list.length >> 1)].map(([row, label]) => ({ row: row % list.length, label }));
        const rows = Int32Array.from(chosen, ({ row }) => row);
        const sampled = chosen.map(({ row, label }) =>
          roi(label, [0.4, 0.3, 0.3], { box: list[row][0], proposal: list[row][1] }),
        );
        const { classWeight } = bde({ boxes: "all", regressed }).calibrate(
          roisOf(sampled, { boxes, proposals, rows }),
          context(),
        );
        const energy = slowEnergy(regressed ? boxes : proposals);
        assertClose(
          classWeight,
          chosen.map(({ row, label }) => (label === 0 ? energy[row] : 1)),
        );
      }),
    );
  });

  test("requires all proposals; the others do not", () => {
    assert.equal(bde({ boxes: "all" }).needsAllProposals, true);
    assert.ok(!bde().needsAllProposals);
  });
});

describe("bde rpn=true", () => {
  const sample = some.map((list) => roisOf(list.map((one) => ({ ...one, label: Math.min(one.label, 1), logits: [0, 0] }))));

  test("property: background anchors weigh their energy, regressed or on the grid", () => {
    fc.assert(
      fc.property(sample, fc.boolean(), (anchors, regressed) => {
        const { calibrateAnchors } = bde({ rpn: true, regressed });
        const energy = slowEnergy(regressed ? anchors.boxes : anchors.proposals);
        assertClose(
          calibrateAnchors?.(anchors, context()).classWeight ?? [],
          energy.map((value, k) => (anchors.labels[k] === 0 ? value : 1)),
        );
      }),
    );
  });

  test("leaves the second stage as it is, and bde the first", () => {
    const rois = roisOf([placed(1, at(0, 0)), placed(0, at(9, 9)), placed(0, at(30, 9))]);
    assert.deepEqual(bde({ rpn: true }).calibrate(rois, context()), bde().calibrate(rois, context()));
    assert.equal(bde().calibrateAnchors, undefined);
  });
});

test("fpn changes nothing: labels as targets, weights of 1", () => {
  const rois = roisOf([roi(2, [0.2, 0.3, 0.5]), roi(0, [0.8, 0.1, 0.1])]);
  const { distribution, classWeight, boxWeight } = fpn().calibrate(rois, context());
  assert.deepEqual(
    [Array.from(distribution), Array.from(classWeight), Array.from(boxWeight)],
    [
      [0, 0, 1, 1, 0, 0],
      [1, 1],
      [1, 1],
    ],
  );
});
