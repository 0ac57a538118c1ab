import assert from "node:assert/strict";
import { test } from "node:test";
import { notPixels } from "./pixels.ts";

test("boxes in fractions and boxes below a pixel are told from boxes in pixels", () => {
  assert.equal(notPixels([]), null);
  assert.equal(
    notPixels([
      [0, 0, 0.9, 0.99],
      [0.2, 0.3, 0.25, 0.35],
      [0.95, 0.5, 1.05, 0.6],
    ]),
    "fractions",
  );
  assert.equal(notPixels([[0.4, 0.6, 0.4, 0.6]]), null);
  assert.equal(notPixels(Array(2).fill([0.4, 0.6, 0.4, 0.6])), "fractions");
  assert.equal(notPixels([[0.5, 0, 1.5, 1]]), null);
  assert.equal(notPixels([[0, 0, 1, 1]]), null);
  assert.equal(notPixels([[0, 1, 0, 1]]), null);
  assert.equal(notPixels([[10, 10, 10.5, 10.5]]), "tiny");
  assert.equal(notPixels([[10, 10, 10, 10]]), null);
  assert.equal(
    notPixels([
      [0.1, 0.1, 0.2, 0.2],
      [5, 5, 30, 30],
    ]),
    null,
  );
});
