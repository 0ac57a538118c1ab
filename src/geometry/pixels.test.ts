import assert from "node:assert/strict";
import { test } from "node:test";
import type { Box } from "./box.ts";
import { pixelFault, pixelFaultText } from "./pixels.ts";

const notPixels = (boxes: Iterable<Box>) => pixelFault(boxes)?.fault ?? null;

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

test("most boxes decide: a few in pixels do not make fractions pixels", () => {
  const fraction: Box = [0.1, 0.2, 0.3, 0.4];
  const pixels: Box = [10, 10, 22, 22];
  const mixed = [pixels, fraction, [0, 0, 1, 1], fraction, pixels] as const;
  const fault = pixelFault(mixed);
  assert.deepEqual(fault, { fault: "fractions", count: 3, of: 5, first: 1 });
  assert.ok(fault);
  assert.match(pixelFaultText(fault), /^this box and 2 of the 4 others lie between 0 and 1/);
  assert.match(pixelFaultText({ ...fault, of: 3 }, "mark"), /^this mark and all others lie between 0 and 1/);
  assert.equal(notPixels([fraction, pixels]), null);
  assert.equal(notPixels([fraction, [0, 0, 1, 1]]), "fractions");
  assert.equal(notPixels([fraction, ...Array<Box>(5).fill([0, 0, 1, 1])]), null);
  assert.equal(notPixels([fraction, ...Array<Box>(5).fill([0.2, 0.3, 0.2, 0.3])]), "fractions");
});

test("boxes of nothing say nothing", () => {
  const none: Box = [Infinity, Infinity, -Infinity, -Infinity];
  assert.equal(notPixels([none]), null);
  assert.deepEqual(pixelFault([none, [10, 10, 10.5, 10.5]]), { fault: "tiny", count: 1, of: 1, first: 1 });
});
