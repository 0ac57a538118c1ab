import assert from "node:assert/strict";
import { test } from "node:test";
import { brightness } from "./brightness.ts";
import { contrast } from "./contrast.ts";
import { gamma } from "./gamma.ts";
import { toned } from "./tone-table.ts";

const image = { width: 2, height: 1, data: Uint8Array.of(0, 51, 102, 153, 204, 255) };

test("curves are applied in turn, with the mean that each finds, clipped, and rounded once", () => {
  const bright = (mean: number) => brightness.curve({ factor: 1.25 }, mean);
  const flat = (mean: number) => contrast.curve({ factor: 0.5 }, mean);
  assert.deepEqual([...toned(image, [bright]).data], [0, 64, 128, 191, 255, 255]);
  assert.deepEqual([...toned(image, [flat]).data], [64, 89, 115, 140, 166, 191]); // about 127.5
  const mean = (0 + 63.75 + 127.5 + 191.25 + 255 + 255) / 6;
  const expected = [0, 63.75, 127.5, 191.25, 255, 255].map((value) => Math.round(mean + (value - mean) / 2));
  assert.deepEqual([...toned(image, [bright, flat]).data], expected);
});

test("gamma keeps black and white", () => {
  const dark = toned(image, [(mean) => gamma.curve({ exponent: 1.5 }, mean)]);
  assert.deepEqual(
    [...dark.data],
    [0, 51, 102, 153, 204, 255].map((value) => Math.round(255 * (value / 255) ** 1.5)),
  );
});
