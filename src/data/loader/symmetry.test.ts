import assert from "node:assert/strict";
import { test } from "node:test";
import { type Symmetry, turned } from "./symmetry.ts";

const [width, height] = [3, 2];
const image = { width, height, data: Uint8Array.from({ length: 3 * width * height }, (_, i) => i) };

const all: Symmetry[] = [false, true].flatMap((mirrorX) =>
  [false, true].flatMap((mirrorY) => [false, true].map((transpose) => ({ mirrorX, mirrorY, transpose }))),
);

test("each of the eight symmetries moves every pixel to its place", () => {
  for (const symmetry of all) {
    const result = turned(image, symmetry);
    const size = symmetry.transpose ? [height, width] : [width, height];
    assert.deepEqual([result.width, result.height], size);
    for (let y = 0; y < height; y++)
      for (let x = 0; x < width; x++) {
        const mirrored = [symmetry.mirrorX ? width - 1 - x : x, symmetry.mirrorY ? height - 1 - y : y];
        const [u, v] = symmetry.transpose ? [mirrored[1], mirrored[0]] : mirrored;
        const [from, to] = [3 * (y * width + x), 3 * (v * result.width + u)];
        assert.deepEqual(result.data.slice(to, to + 3), image.data.slice(from, from + 3), JSON.stringify(symmetry));
      }
  }
  assert.equal(new Set(all.map((symmetry) => turned(image, symmetry).data.join())).size, 8);
});

test("an image that is not turned is the image itself", () => {
  assert.equal(turned(image, { mirrorX: false, mirrorY: false, transpose: false }), image);
});
