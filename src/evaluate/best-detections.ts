// A limit on the detections per image, as in the public code of many detectors (100 in COCO's tool and in FPN_Tensorflow). It
// caps recall on crowded images, so it is applied only on request.

import { type Detection, rank } from "./pairs.ts";

/** The `limit` highest-scored detections of every image and category, ties broken by order; in the order of the list. */
export function bestDetections<D extends Detection>(detections: readonly D[], limit: number): D[] {
  const kept = new Uint8Array(detections.length);
  const counts = new Map<number, Map<number, number>>();
  for (const index of rank(detections)) {
    const { imageId, categoryId } = detections[index];
    let categories = counts.get(imageId);
    if (categories === undefined) counts.set(imageId, (categories = new Map()));
    const count = (categories.get(categoryId) ?? 0) + 1;
    categories.set(categoryId, count);
    if (count <= limit) kept[index] = 1;
  }
  return detections.filter((_, index) => kept[index] === 1);
}
