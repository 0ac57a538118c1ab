import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { regionAt } from "../../geometry/region.ts";
import { decodeCocoCounts } from "./coco-counts.ts";
import { decodeBrush } from "./label-studio-rle.ts";
import { boundsOfPixels, brushBytes, compressed, countsOf, type Pixels, pixelsOf } from "./masks.fixture.ts";
import { maskBounds, maskRings, type RunMask, runMask } from "./runs.ts";

const anyPixels: fc.Arbitrary<Pixels> = fc
  .tuple(fc.integer({ min: 1, max: 9 }), fc.integer({ min: 1, max: 9 }))
  .chain(([width, height]) =>
    fc.record({
      width: fc.constant(width),
      height: fc.constant(height),
      on: fc.array(fc.boolean(), { minLength: width * height, maxLength: width * height }),
    }),
  );

const maskOf = (pixels: Pixels, lines: "columns" | "rows"): RunMask =>
  runMask(countsOf(pixels, lines), { width: pixels.width, height: pixels.height, lines }) ?? assert.fail("is no mask");

test("bounds and rings of run lengths are those of the pixels, by columns and by rows", () => {
  fc.assert(
    fc.property(anyPixels, fc.constantFrom("columns" as const, "rows" as const), (pixels, lines) => {
      const mask = maskOf(pixels, lines);
      assert.deepEqual(maskBounds(mask), boundsOfPixels(pixels));
      const region = { kind: "complete", rings: maskRings(mask) } as const;
      const inside = pixels.on.map((_, i) => {
        return regionAt([region], (i % pixels.width) + 0.5, Math.floor(i / pixels.width) + 0.5) !== null;
      });
      assert.deepEqual(inside, pixels.on);
    }),
  );
});

test("run lengths that do not fill the mask exactly are no mask", () => {
  const shape = { width: 4, height: 3, lines: "rows" } as const;
  assert.deepEqual(maskBounds(runMask([0, 12], shape) as RunMask), [0, 0, 4, 3]);
  assert.equal(maskBounds(runMask([12], shape) as RunMask), null);
  for (const counts of [[], [11], [0, 13], [-1, 13], [1.5, 10.5], [6, "6"], [6, null], [Number.NaN]])
    assert.equal(runMask(counts, shape), null, String(counts));
});

test("COCO's compressed counts: known text, every list of counts, and what is not one", () => {
  // the difference 1 − 3 is below 0
  assert.deepEqual(decodeCocoCounts("231N"), [2, 3, 1, 1]);
  fc.assert(
    fc.property(fc.array(fc.nat(2 ** 30), { maxLength: 20 }), (counts) => {
      assert.deepEqual(decodeCocoCounts(compressed(counts)), counts);
    }),
  );
  assert.deepEqual(decodeCocoCounts(""), []);
  for (const text of ["Q", "PPPPPPPPPPP0", "O", "2 3", "é", "\u0000", "0000o", "p"])
    assert.equal(decodeCocoCounts(text), null, text);
});

test("Label Studio's brush: repeated and literal words, sizes of lengths, and what is not one", () => {
  fc.assert(
    fc.property(
      anyPixels,
      fc.boolean(),
      fc.constantFrom([3, 4, 8, 16], [1, 1, 1, 1], [16, 1, 2, 4]),
      (pixels, literal, sizes) => {
        const mask = decodeBrush(brushBytes(pixels, { literal, sizes }), pixels);
        assert.deepEqual(mask?.counts, countsOf(pixels, "rows"));
      },
    ),
  );
  const pixels = pixelsOf("....", ".##.");
  const bytes = brushBytes(pixels);
  assert.deepEqual(maskBounds(decodeBrush(bytes, pixels) as RunMask), [1, 1, 3, 2]);
  assert.equal(decodeBrush(bytes, { width: 4, height: 3 }), null);
  assert.equal(decodeBrush(bytes.slice(0, -1), pixels), null);
  for (const wrong of [[], [1, 2], bytes.map((byte) => byte - 1), bytes.map(String), [...bytes.slice(0, 9), 256]])
    assert.equal(decodeBrush(wrong, pixels), null);
});

test("Label Studio's brush: bytes written by hand from the description of rle-pack", () => {
  // 8 words of 8 bits, lengths of 3, 4, 8 and 16 bits; a run of 4 zeros; a chunk of the 4 words 10, 20, 30, 255
  const bits = "00111 0010 0011 0111 1111" + "1 00 011 00000000" + "0 00 011 00001010 00010100 00011110 11111111" + "0000000";
  const bytes = [0, 0, 0, 8, 57, 27, 252, 96, 1, 133, 10, 15, 127, 128];
  assert.deepEqual(
    bits
      .replaceAll(" ", "")
      .match(/.{8}/g)
      ?.map((byte) => Number.parseInt(byte, 2)),
    bytes.slice(4),
  );
  assert.deepEqual(decodeBrush(bytes, { width: 2, height: 1 })?.counts, [1, 1]);
  // a run of 20 words needs a length of 8 bits: 5 pixels that are on; then 3 that are off
  const long = "00111 0010 0011 0111 1111" + "1 10 00010011 11111111" + "1 01 1011 00000000" + "00000000";
  const packed =
    long
      .replaceAll(" ", "")
      .match(/.{8}/g)
      ?.map((byte) => Number.parseInt(byte, 2)) ?? [];
  assert.deepEqual(decodeBrush([0, 0, 0, 32, ...packed], { width: 4, height: 2 })?.counts, [0, 5, 3]);
});
