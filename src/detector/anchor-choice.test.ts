import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import type { Box } from "../geometry/box.ts";
import { chooseAnchors } from "./anchor-choice.ts";

const box = (width: number, height: number): Box => [3, 5, 3 + width, 5 + height];

test("squares of one size: that size on P2, doubling, one ratio", () => {
  assert.deepEqual(chooseAnchors([box(16, 16), box(16, 16)]), { sizes: [[16], [32], [64], [128], [256]], aspectRatios: [1] });
});

test("one box is enough", () => {
  assert.deepEqual(chooseAnchors([box(12, 27)]), { sizes: [[18], [36], [72], [144], [288]], aspectRatios: [2.25] });
});

test("sizes that spread get two anchors a level, √2 apart", () => {
  const { sizes } = chooseAnchors(Array.from({ length: 11 }, (_, i) => box(10 + i, 10 + i)));
  assert.deepEqual(sizes, [
    [11, 16],
    [22, 31],
    [44, 62],
    [88, 124],
    [176, 249],
  ]);
});

test("ratios that spread are height / width, smallest first, near ones once", () => {
  const boxes = [...Array<Box>(4).fill(box(20, 10)), ...Array<Box>(12).fill(box(14, 14)), ...Array<Box>(4).fill(box(10, 20))];
  assert.deepEqual(chooseAnchors(boxes).aspectRatios, [0.5, 1, 2]);
  assert.deepEqual(
    chooseAnchors(boxes.map(([x, y, right]) => box(right - x, (right - x) * (y === 5 ? 1.1 : 1)))).aspectRatios,
    [1.1],
  );
});

test("tiny boxes do not make anchors below 4 pixels", () => {
  assert.deepEqual(chooseAnchors([box(0.5, 0.5)]).sizes[0], [4]);
});

test("no box is an error that says so", () => {
  assert.throws(() => chooseAnchors([]), { name: "RangeError", message: /at least one box/ });
});

test("property: as many shapes on every level, all positive; ratios more than a quarter apart", () => {
  const side = fc.double({ min: 1, max: 400, noNaN: true });
  fc.assert(
    fc.property(fc.array(fc.tuple(side, side), { minLength: 1, maxLength: 40 }), (sides) => {
      const { sizes, aspectRatios } = chooseAnchors(sides.map(([w, h]) => box(w, h)));
      assert.equal(sizes.length, 5);
      for (const level of sizes) assert.ok(level.length === sizes[0].length && level.every((size) => size >= 4));
      for (let i = 1; i < aspectRatios.length; i++) assert.ok(aspectRatios[i] / aspectRatios[i - 1] > 1.25);
    }),
  );
});
