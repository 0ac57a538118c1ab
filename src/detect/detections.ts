// Converts a detector's output for one image to detections as files and evaluation use them.

import type { Detection } from "../data/coco/evaluation-files.ts";
import type { Detections } from "../detector/detections.ts";
import { boxAt } from "../geometry/rows.ts";

/** Best first. `categoryIds`: the ids of the detector's classes 1, 2 …, in order. */
export function detectionsOf(
  { boxes, labels, scores }: Pick<Detections, "boxes" | "labels" | "scores">,
  { imageId, categoryIds }: { readonly imageId: number; readonly categoryIds: readonly number[] },
): Detection[] {
  return Array.from(labels, (label, k) => ({
    imageId,
    categoryId: categoryIds[label - 1],
    box: boxAt(boxes, k),
    score: scores[k],
  }));
}
