import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { iou } from "../geometry/box.ts";
import { assertClose, context, roi, roisOf, softmax } from "../methods/calibration.fixture.ts";
import { fiou, fiouWeight } from "./fiou.ts";

test("property: background weighs by the published formula of its regressed box's IoU with the nearest annotated box", () => {
  const box = fc
    .tuple(fc.nat(40), fc.nat(40), fc.integer({ min: 4, max: 20 }), fc.integer({ min: 4, max: 20 }))
    .map(([x, y, w, h]) => [x, y, x + w, y + h] as const);
  const one = fc.record({ label: fc.nat(2), isMark: fc.boolean(), box, proposal: box });
  fc.assert(
    fc.property(fc.array(one, { maxLength: 8 }), (list) => {
      const marks = list.filter(({ label, isMark }) => label > 0 && isMark).map(({ proposal }) => proposal);
      const rois = list.map(({ label, isMark, ...places }) => ({
        label,
        logits: [0, 0, 0],
        ...places,
        overlap: label > 0 && isMark ? 1 : 0.3,
      }));
      const { classWeight, boxWeight } = fiou.calibrate(roisOf(rois), context());
      assertClose(
        classWeight,
        list.map(({ label, box: regressed }) => {
          if (label > 0) return 1;
          const o = Math.max(0, ...marks.map((mark) => iou(mark, regressed)));
          return 0.5 + 3 * 0.5 * (-0.25 * o ** 2 * Math.log(1.00001 - o));
        }),
        1e-5,
      );
      assert.ok(boxWeight.every((weight) => weight === 1));
    }),
  );
});

test("far from every annotated cell it is a half, on one it is more than a label's", () => {
  assert.equal(fiouWeight(0), 0.5);
  assert.ok(fiouWeight(0.5) < 1 && fiouWeight(0.9) > 1 && Number.isFinite(fiouWeight(1)));
  const { distribution } = fiou.calibrate(roisOf([roi(1, softmax([0, 1, 0]))]), context());
  assert.deepEqual([...distribution], [0, 1, 0]);
});
