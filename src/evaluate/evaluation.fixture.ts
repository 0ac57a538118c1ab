// Small random sets of truths and detections in which the hard cases are frequent: equal scores, equal overlaps, several truths
// near a detection, other images and categories.

import fc from "fast-check";
import type { Box } from "../geometry/box.ts";
import type { Detection, Truth } from "./pairs.ts";

const box = fc
  .tuple(fc.nat({ max: 6 }), fc.nat({ max: 6 }), fc.integer({ min: 2, max: 6 }), fc.integer({ min: 2, max: 6 }))
  .map(([x, y, w, h]): Box => [8 * x, 8 * y, 8 * (x + w), 8 * (y + h)]); // areas to either side of 32²

const place = { imageId: fc.integer({ min: 1, max: 3 }), categoryId: fc.integer({ min: 1, max: 2 }), box };

export const someTruths: fc.Arbitrary<Truth[]> = fc.array(
  fc.record({ ...place, ignore: fc.constantFrom(false, false, false, true) }),
  { maxLength: 25 },
);
export const someDetections: fc.Arbitrary<Detection[]> = fc.array(
  fc.record({ ...place, score: fc.integer({ min: 0, max: 8 }).map((n) => n / 8) }),
  { maxLength: 30 },
);

/** On image 1, of category 1. */
export const truthAt = (x: number, y: number, more: Partial<Truth> = {}): Truth => ({
  imageId: 1,
  categoryId: 1,
  box: [x - 5, y - 5, x + 5, y + 5],
  ...more,
});
export const detectionAt = (x: number, y: number, score: number, more: Partial<Detection> = {}): Detection => ({
  ...truthAt(x, y),
  score,
  ...more,
});
