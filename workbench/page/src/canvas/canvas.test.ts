import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import type { Box } from "../../../src/api.ts";
import { boxesOf, countByClass, readDetections, visible } from "./boxes.ts";
import { Pixels, packed } from "./pixels.ts";
import { scaleBar } from "./scale-bar.ts";
import { cellAt, clipped, cornerAt, dragged, handles, inRing, regionAt, ringOf } from "./shapes.ts";
import type { View } from "./view.ts";

const view = (changes: Partial<View> = {}): View => ({ scale: 1, x: 0, y: 0, width: 100, height: 100, ratio: 1, ...changes });

test("the boxes in a window are those that touch it and have the score, however they are looked for", () => {
  const box = fc.tuple(fc.nat(200), fc.nat(200), fc.integer({ min: 1, max: 30 }), fc.nat(100));
  const window = fc.tuple(
    fc.integer({ min: -50, max: 220 }),
    fc.integer({ min: -50, max: 220 }),
    fc.integer({ min: 1, max: 400 }),
  );
  fc.assert(
    fc.property(fc.array(box, { maxLength: 60 }), window, fc.nat(100), (list, [x, y, side], score) => {
      const places = Float32Array.from(list.flatMap(([left, top, size]) => [left, top, left + size, top + size]));
      const boxes = boxesOf(
        places,
        new Uint16Array(list.length),
        Float32Array.from(list, ([, , , value]) => value / 100),
      );
      const seen: Box = [x, y, x + side, y + side];
      const found = [...visible(boxes, seen, Math.fround(score / 100))].sort((a, b) => a - b);
      const wanted = list.flatMap(([left, top, size, value], i) =>
        value >= score && left <= seen[2] && left + size >= seen[0] && top <= seen[3] && top + size >= seen[1] ? [i] : [],
      );
      assert.deepEqual(found, wanted);
    }),
  );
});

test("detections are read as the server sends them", () => {
  const boxes = readDetections(new Float32Array([1, 2, 3, 4, 0.5, 1, 5, 6, 9, 8, 0.25, 0]).buffer);
  assert.deepEqual([...boxes.places], [1, 2, 3, 4, 5, 6, 9, 8]);
  assert.deepEqual(
    [[...boxes.classes], [...boxes.scores!]],
    [
      [1, 0],
      [0.5, 0.25],
    ],
  );
  assert.deepEqual(
    [countByClass(boxes, 0, 2), countByClass(boxes, 0.4, 2)],
    [
      [1, 1],
      [0, 1],
    ],
  );
  assert.equal(readDetections(new ArrayBuffer(0)).count, 0);
});

test("small boxes are dots, larger ones corners, and nothing is drawn outside", () => {
  const boxes = boxesOf(new Float32Array([20, 20, 40, 40, -5, -5, 500, 500]), new Uint16Array(2));
  const pixels = new Pixels();
  pixels.clear(100, 100);
  const red = packed("#ff0000");
  assert.equal(red, 0xff0000ff);
  pixels.draw(boxes, Uint32Array.of(0, 1), view(), Uint32Array.of(red));
  assert.deepEqual([pixels.at(20, 20), pixels.at(30, 20), pixels.at(39, 39), pixels.at(30, 30)], [red, 0, red, 0]);
  pixels.clear(100, 100);
  pixels.draw(boxes, Uint32Array.of(0), view({ scale: 0.005 }), Uint32Array.of(red));
  assert.equal(pixels.at(0, 0), red);
});

test("a scale bar is a round length that fits", () => {
  fc.assert(
    fc.property(fc.double({ min: 1e-4, max: 50, noNaN: true }), fc.constantFrom(null, 0.25, 0.5, 1), (scale, mpp) => {
      const { label, length } = scaleBar(scale, mpp);
      assert.match(label, /^[125](0*|e[+-]\d+) (px|µm|mm)$|^0\.\d*[125] (px|µm)$/);
      assert.ok(length > 60 && length <= 160.001, String(length));
    }),
  );
  assert.equal(scaleBar(1, 0.5).label, "50 µm");
  assert.equal(scaleBar(0.01, 0.25).label, "2 mm");
});

test("the smallest cell under the pointer, the nearest edge of a region, its corners", () => {
  const cells = [
    { id: "a", box: [0, 0, 100, 100] },
    { id: "b", box: [40, 40, 60, 60] },
  ] as never;
  assert.equal(cellAt(cells, [50, 50], 0)?.id, "b");
  assert.equal(cellAt(cells, [10, 10], 0)?.id, "a");
  assert.equal(cellAt(cells, [105, 50], 3), null);
  const ring = ringOf([10, 10, 50, 50]);
  const regions = [{ id: "r", ring }] as never;
  assert.equal(regionAt(regions, [30, 12], 3)?.id, "r");
  assert.equal(regionAt(regions, [30, 30], 3), null);
  assert.deepEqual([inRing(ring, [30, 30]), inRing(ring, [60, 30])], [true, false]);
  assert.deepEqual([cornerAt(ring, [49, 51], 3), cornerAt(ring, [30, 30], 3)], [4, -1]);
});

test("a dragged handle never turns a box inside out; nothing outside the image is kept", () => {
  for (const side of handles) {
    const [left, top, right, bottom] = dragged([10, 10, 20, 20], side, [side[0] < 0 ? 90 : -90, side[1] < 0 ? 90 : -90]);
    assert.ok(right - left >= 1 && bottom - top >= 1);
  }
  assert.deepEqual(clipped([-5, 2, 8, 9], { width: 100, height: 5 }), [0, 2, 8, 5]);
  assert.equal(clipped([-5, -5, 0, 0], { width: 100, height: 100 }), null);
});
