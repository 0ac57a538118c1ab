import assert from "node:assert/strict";
import { test } from "node:test";
import type { Box } from "../geometry/box.ts";
import { Random } from "../random.ts";
import { lieOnOtherImages } from "./other-images.ts";

/** `count` boxes on each of `images`, anywhere in 500 × 500 pixels. */
function scattered(images: number, count: number, seed: number) {
  const random = new Random(seed);
  const side = () => random.uniform() * 470;
  return Array.from({ length: images * count }, (_, i) => {
    const [x, y] = [side(), side()];
    return { imageId: 1 + (i % images), categoryId: 1, box: [x, y, x + 30, y + 30] as Box };
  });
}

const shifted = (items: ReturnType<typeof scattered>, images: number, by = 1) =>
  items.map((item) => ({ ...item, imageId: 1 + ((item.imageId - 1 + by) % images), score: 0.5 }));

test("right detections of other images are recognised, on few images and on many", () => {
  for (const [images, count] of [
    [2, 1],
    [3, 2],
    [40, 5],
    [40, 100],
  ]) {
    const truths = scattered(images, count, 1);
    assert.equal(lieOnOtherImages(truths, shifted(truths, images)), true, `${count} on each of ${images}`);
    assert.equal(lieOnOtherImages(truths, shifted(truths, images, 0)), false);
  }
});

test("a poor detector's are anywhere, however many images there are", () => {
  for (const [images, count, perImage] of [
    [3, 100, 1],
    [300, 100, 1],
    [300, 100, 3],
    [100, 100, 8],
  ]) {
    const found = scattered(images, perImage, 2).map((item) => ({ ...item, score: 0.5 }));
    assert.equal(lieOnOtherImages(scattered(images, count, 1), found), false, `${perImage} on each of ${images}`);
  }
  assert.equal(lieOnOtherImages([], []), false);
});
