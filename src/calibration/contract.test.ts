// What every calibration promises, on random RoIs. A new one in index.ts is tested by this file without a change to it.

import assert from "node:assert/strict";
import { describe, test } from "node:test";
import fc from "fast-check";
import type { Rois, Targets } from "./calibration.ts";
import { calibrationNamed, calibrations } from "./index.ts";

/** R RoIs (0 … 16) of C classes (2 or 4); some boxes at one place, some at their limits. */
const rois: fc.Arbitrary<Rois> = fc.constantFrom(2, 4).chain((classes) => {
  const corner = fc.oneof(fc.constant(40), fc.double({ min: -100, max: 1000, noNaN: true }));
  const side = fc.double({ min: 0.01, max: 300, noNaN: true });
  const one = fc.record({
    label: fc.integer({ min: 0, max: classes - 1 }),
    logits: fc.array(fc.double({ min: -30, max: 30, noNaN: true }), { minLength: classes, maxLength: classes }),
    box: fc.tuple(corner, corner, side, side),
  });
  return fc.array(one, { maxLength: 16 }).map((list) => ({
    labels: Int32Array.from(list, ({ label }) => label),
    probabilities: Float32Array.from(
      list.flatMap(({ logits }) => {
        const exponentials = logits.map(Math.exp);
        const total = exponentials.reduce((sum, value) => sum + value);
        return exponentials.map((value) => value / total);
      }),
    ),
    boxes: Float32Array.from(list.flatMap(({ box: [x, y, w, h] }) => [x, y, x + w, y + h])),
  }));
});
const progress = fc.double({ min: 0, max: 1, noNaN: true });

/** Rows `order` of an [R, …] array. */
function permuted<T extends Float32Array | Int32Array>(rows: T, order: readonly number[]): T {
  const width = order.length === 0 ? 0 : rows.length / order.length;
  const result = rows.slice() as T;
  order.forEach((from, to) => result.set(rows.subarray(from * width, (from + 1) * width), to * width));
  return result;
}

function assertSound({ targets, clsWeight, boxWeight }: Targets, { labels, probabilities }: Rois): void {
  const count = labels.length;
  assert.deepEqual([targets.length, clsWeight.length, boxWeight.length], [probabilities.length, count, count]);
  for (const weights of [clsWeight, boxWeight])
    assert.ok(
      weights.every((weight) => Number.isFinite(weight) && weight >= 0),
      `weights ${weights}`,
    );
  const classes = probabilities.length / count;
  for (let r = 0; r < count; r++) {
    const row = Array.from(targets.subarray(r * classes, (r + 1) * classes));
    assert.ok(
      row.every((value) => value >= 0),
      `targets ${row}`,
    );
    assert.ok(Math.abs(row.reduce((sum, value) => sum + value) - 1) < 1e-5, `targets ${row}`);
  }
}

for (const calibration of calibrations)
  describe(`calibration ${calibration.name}`, () => {
    test("gives finite weights of at least 0, and distributions as targets", () => {
      fc.assert(fc.property(rois, progress, (input, part) => assertSound(calibration.calibrate(input, part), input)));
    });

    test("does not change what it looks at, and says the same when asked again", () => {
      fc.assert(
        fc.property(rois, progress, (input, part) => {
          const before = structuredClone(input);
          const answer = structuredClone(calibration.calibrate(input, part));
          assert.deepEqual(input, before);
          assert.deepEqual(calibration.calibrate(input, part), answer);
        }),
      );
    });

    test("treats RoIs alike, in whatever order they come", () => {
      const shuffled = rois.chain((input) => {
        const all = Array.from(input.labels.keys());
        return fc.tuple(fc.constant(input), fc.shuffledSubarray(all, { minLength: all.length }));
      });
      fc.assert(
        fc.property(shuffled, progress, ([input, order], part) => {
          const answer = calibration.calibrate(input, part);
          const other = calibration.calibrate(
            {
              labels: permuted(input.labels, order),
              probabilities: permuted(input.probabilities, order),
              boxes: permuted(input.boxes, order),
            },
            part,
          );
          for (const key of ["targets", "clsWeight", "boxWeight"] as const) {
            const expected = permuted(answer[key], order);
            assert.ok(
              other[key].every((value, i) => Math.abs(value - expected[i]) < 1e-5),
              key,
            );
          }
        }),
      );
    });

    test("answers for one RoI, for none, and for all at one place", () => {
      const box = [10, 20, 30, 40];
      for (const count of [0, 1, 5])
        for (const label of [0, 1]) {
          const input: Rois = {
            labels: new Int32Array(count).fill(label),
            probabilities: new Float32Array(2 * count).fill(0.5),
            boxes: Float32Array.from(Array<number[]>(count).fill(box).flat()),
          };
          for (const part of [0, 0.5, 1]) assertSound(calibration.calibrate(input, part), input);
        }
    });

    test("is found by its name, which no other has", () => {
      assert.equal(calibrationNamed(calibration.name), calibration);
      assert.equal(calibrations.filter(({ name }) => name === calibration.name).length, 1);
    });
  });

test("an unknown name finds none", () => {
  assert.equal(calibrationNamed("none such"), undefined);
});
