// Tells boxes in pixels from boxes in fractions of their image, which tools like YOLO write.

import { type Box, height, width } from "./box.ts";

/**
 * Why boxes cannot be in pixels; null when they can. tiny: all are smaller than a pixel; fractions: and all lie between 0 and 1,
 * not all on whole numbers. A box of no size is a point, of which only the latter can be said, and not of a single one. The first
 * ordinary box ends the search.
 */
export function notPixels(boxes: Iterable<Box>): "fractions" | "tiny" | null {
  let [fractions, tiny, whole, count, points] = [true, true, true, 0, 0];
  for (const box of boxes) {
    const isPoint = box[0] === box[2] && box[1] === box[3];
    tiny &&= isPoint || (width(box) < 1 && height(box) < 1);
    if (!tiny) return null;
    fractions &&= box.every((side) => side >= -SLACK && side <= 1 + SLACK);
    whole &&= box.every(Number.isInteger);
    count++;
    if (isPoint) points++;
  }
  if (fractions && !whole && (count > 1 || points === 0)) return "fractions";
  return tiny && points < count ? "tiny" : null;
}

/** Whether an image is so small that its boxes may well lie in its first pixel. Unknown sizes are not. */
export const isTinyImage = ({ width, height }: { readonly width: number | null; readonly height: number | null }): boolean =>
  Math.max(width ?? Infinity, height ?? Infinity) <= 4;

const SLACK = 0.5; // half of the largest box, which may stick out of its image

/** What an error says of such boxes and what to do. */
export const NOT_PIXELS = {
  fractions:
    "lie between 0 and 1, so they are fractions of the image and not pixels; multiply x and width by the image's width, y and height by its height",
  tiny: "are smaller than a pixel; write them in pixels of the image",
} as const;
