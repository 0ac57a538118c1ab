import assert from "node:assert/strict";
import { test } from "node:test";
import { scope, Tensor, upsampleBilinear } from "@sparsecell/torch";
import { Random } from "../random.ts";
import { crop } from "./crop.ts";
import type { RgbImage } from "./image-file.ts";
import { turned } from "./loader/symmetry.ts";
import { resampled } from "./resampled.ts";

function noise(width: number, height: number): RgbImage {
  const random = new Random(1);
  return { width, height, data: Uint8Array.from({ length: 3 * width * height }, () => random.integer(256)) };
}

/** Grey values from a function of pixel centres. */
function drawn(width: number, height: number, value: (x: number, y: number) => number): RgbImage {
  const at = (pixel: number) => value((pixel % width) + 0.5, Math.floor(pixel / width) + 0.5);
  return { width, height, data: Uint8Array.from({ length: 3 * width * height }, (_, i) => Math.round(at(Math.floor(i / 3)))) };
}

const farthest = (a: RgbImage, b: ArrayLike<number>): number => Math.max(...a.data.map((value, i) => Math.abs(value - b[i])));

test("the same size is the same image", () => {
  const image = noise(7, 5);
  assert.equal(resampled(image, { width: 7, height: 5 }), image);
});

test("enlarged, it is torch's bilinear interpolation", () =>
  scope(() => {
    for (const [width, height] of [
      [8, 6],
      [21, 10],
      [7, 11],
    ]) {
      const image = noise(7, 5);
      const values = Tensor.from(image.data, [1, 5, 7, 3]).permute(0, 3, 1, 2).to("float32");
      const expected = upsampleBilinear(values, [height, width]).permute(0, 2, 3, 1).contiguous().data() as Float32Array;
      const result = resampled(image, { width, height });
      assert.deepEqual([result.width, result.height, result.data.length], [width, height, 3 * width * height]);
      assert.ok(farthest(result, expected) <= 0.501, `${width}×${height}`);
    }
  }));

test("halved, a pixel is made of four by one, three, three and one eighth", () => {
  const row: RgbImage = { width: 6, height: 1, data: Uint8Array.from([0, 80, 16, 160, 8, 240].flatMap((v) => [v, v, v])) };
  const { data } = resampled(row, { width: 3, height: 1 });
  assert.equal(data[3], (80 + 3 * 16 + 3 * 160 + 8) / 8);
});

test("edges stay in place: a blob is found at its scaled place", () => {
  const [x, y] = [70.3, 41.8];
  const blob = drawn(160, 120, (u, v) => 255 * Math.exp(-((u - x) ** 2 + (v - y) ** 2) / 72));
  for (const scale of [0.4, 0.75, 1.1, 1.5]) {
    const size = { width: Math.round(160 * scale), height: Math.round(120 * scale) };
    const { data } = resampled(blob, size);
    let [sum, sumX, sumY] = [0, 0, 0];
    for (let i = 0; i < data.length; i += 3) {
      sum += data[i];
      sumX += data[i] * (((i / 3) % size.width) + 0.5);
      sumY += data[i] * (Math.floor(i / 3 / size.width) + 0.5);
    }
    assert.ok(Math.abs(((sumX / sum) * 160) / size.width - x) < 0.05, `x at ${scale}`);
    assert.ok(Math.abs(((sumY / sum) * 120) / size.height - y) < 0.05, `y at ${scale}`);
  }
});

test("shrunk, fine stripes become grey, and a plain image stays plain", () => {
  const stripes = drawn(90, 40, (x) => (Math.floor(x) % 2 === 0 ? 0 : 200));
  for (const value of resampled(stripes, { width: 30, height: 40 }).data) assert.ok(Math.abs(value - 100) <= 23, `${value}`);
  for (const value of [0, 1, 77, 254, 255])
    for (const side of [1, 3, 39, 41, 100])
      assert.ok(
        resampled(
          drawn(40, 40, () => value),
          { width: side, height: side },
        ).data.every((v) => v === value),
      );
});

test("it does not matter whether an image is turned before or after", () => {
  const image = noise(31, 22);
  const symmetry = { mirrorX: true, mirrorY: true, transpose: true };
  const after = turned(resampled(image, { width: 20, height: 30 }), symmetry);
  const before = resampled(turned(image, symmetry), { width: 30, height: 20 });
  assert.ok(farthest(before, after.data) <= 1);
});

test("of a box, at fractions of a pixel, it is what the whole image gives there", () => {
  const image = noise(60, 50);
  for (const scale of [0.7, 1, 1.9]) {
    const size = { width: Math.floor(60 / scale), height: Math.floor(50 / scale) };
    const whole = resampled(image, size, { x: 0, y: 0, width: size.width * scale, height: size.height * scale });
    const part = { x: 5, y: 7, width: 11, height: 9 };
    const box = { x: 5 * scale, y: 7 * scale, width: 11 * scale, height: 9 * scale };
    assert.ok(farthest(resampled(image, part, box), crop(whole, part).data) <= 1, `${scale}`);
  }
});

test("a single pixel fills any size", () => {
  const pixel = { width: 1, height: 1, data: Uint8Array.of(1, 2, 3) };
  assert.deepEqual([...resampled(pixel, { width: 2, height: 1 }).data], [1, 2, 3, 1, 2, 3]);
});
