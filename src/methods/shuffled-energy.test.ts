import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { bde } from "./bde.ts";
import { context, type Roi, roi, roisOf } from "./calibration.fixture.ts";
import type { Calibration } from "./calibration.ts";
import { shuffledEnergy } from "./shuffled-energy.ts";

const sorted = (values: Iterable<number>): number[] => [...values].sort((a, b) => a - b);
const background = (weights: Float32Array, labels: ArrayLike<number>) => weights.filter((_, r) => labels[r] === 0);

/** RoIs at places of their own. */
const some = fc.uniqueArray(fc.tuple(fc.nat(800), fc.nat(800)), { maxLength: 20, selector: String }).chain((places) => {
  const labels = fc.array(fc.nat(2), { minLength: places.length, maxLength: places.length });
  return labels.map((list) =>
    places.map(([x, y], r): Roi => roi(list[r], [0.4, 0.3, 0.3], { box: [x, y, x + 9, y + 9], proposal: [y, x, y + 7, x + 9] })),
  );
});

test("property: background has bde's weights, shuffled; cells have 1", () => {
  fc.assert(
    fc.property(some, fc.nat(), fc.boolean(), (list, seed, regressed) => {
      const rois = roisOf(list);
      const own = shuffledEnergy({ regressed }).calibrate(rois, context(0, seed));
      const ofBde = bde({ regressed }).calibrate(rois, context());
      assert.deepEqual(sorted(background(own.classWeight, rois.labels)), sorted(background(ofBde.classWeight, rois.labels)));
      rois.labels.forEach((label, r) => assert.ok(label === 0 || own.classWeight[r] === 1));
      assert.deepEqual([own.distribution, own.boxWeight], [ofBde.distribution, own.classWeight]);
    }),
  );
});

const line = Array.from({ length: 40 }, (_, r) => roi(r % 10 === 0 ? 1 : 0, [0.5, 0.5], { box: [r * r, 0, r * r + 5, 5] }));

test("a place does not decide: other weights than bde's, other ones each time, the same from the same state", () => {
  const rois = roisOf(line);
  const weights = (seed: number) => shuffledEnergy().calibrate(rois, context(0, seed)).classWeight;
  assert.notDeepEqual(weights(1), bde().calibrate(rois, context()).classWeight);
  assert.notDeepEqual(weights(1), weights(2));
  assert.deepEqual(weights(1), weights(1));
  const { random } = context();
  const again = [0, 1].map(() => shuffledEnergy().calibrate(rois, { ...context(), random }).classWeight);
  assert.notDeepEqual(again[0], again[1]);
});

test("every background RoI has each weight equally often", () => {
  const rois = roisOf([0, 1, 3].map((x) => roi(0, [0.5, 0.5], { box: [x, 0, x + 1, 1] })));
  const { random } = context(0, 7);
  const firsts = Array.from({ length: 600 }, () => shuffledEnergy().calibrate(rois, { ...context(), random }).classWeight[0]);
  for (const value of bde().calibrate(rois, context()).classWeight) {
    const count = firsts.filter((first) => first === value).length;
    assert.ok(count > 140 && count < 260, `${value}: ${count} of 600`);
  }
});

test("rpn=true does the same for anchors", () => {
  const anchors = roisOf(line);
  const weights = ({ calibrateAnchors }: Calibration): Float32Array =>
    calibrateAnchors?.(anchors, context()).classWeight ?? new Float32Array();
  const own = weights(shuffledEnergy({ rpn: true }));
  const ofBde = weights(bde({ rpn: true }));
  assert.notDeepEqual(own, ofBde);
  assert.deepEqual(sorted(own), sorted(ofBde));
  anchors.labels.forEach((label, k) => assert.ok(label === 0 || own[k] === 1));
  assert.equal(shuffledEnergy().calibrateAnchors, undefined);
});

test("boxes=all shuffles the energies that the sampled RoIs have among all proposals", () => {
  const list = line.slice(0, 10);
  const { boxes, proposals } = roisOf(line);
  const rois = roisOf(list, { boxes, proposals, rows: Int32Array.from(list.keys()) });
  const own = shuffledEnergy({ boxes: "all" });
  assert.equal(own.needsAllProposals, true);
  const ofBde = bde({ boxes: "all" }).calibrate(rois, context()).classWeight;
  assert.deepEqual(sorted(own.calibrate(rois, context()).classWeight), sorted(ofBde));
});
