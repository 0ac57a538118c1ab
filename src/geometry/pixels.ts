// Tells boxes in pixels from boxes in fractions of their image, which tools like YOLO write.

import { type Box, height, width } from "./box.ts";

export interface NotPixels {
  readonly fault: "fractions" | "tiny";
  /** How many boxes have the fault, of how many. */
  readonly count: number;
  readonly of: number;
  /** Which of them is the first, from 0. */
  readonly first: number;
}

/**
 * Why boxes cannot be in pixels; null when they can. fractions: most lie between 0 and 1, not on whole numbers; a few others, drawn
 * by another tool or by a slip, make them no pixels. tiny: all are smaller than a pixel. A box of no size is a point, of which only
 * the former can be said, and not of a single one. Boxes of nothing (an empty outline) say nothing.
 */
export function pixelFault(boxes: Iterable<Box>): NotPixels | null {
  let [count, points, tiny, within, fractions] = [0, 0, 0, 0, 0];
  let [index, firstFraction, firstTiny] = [-1, -1, -1];
  for (const box of boxes) {
    index++;
    const [w, h] = [width(box), height(box)];
    if (!Number.isFinite(w) || !Number.isFinite(h)) continue;
    count++;
    const isPoint = w === 0 && h === 0;
    if (isPoint) points++;
    const isTiny = isPoint || (w < 1 && h < 1);
    if (isTiny) tiny++;
    if (isTiny && !isPoint && firstTiny === -1) firstTiny = index;
    if (w > 1 || h > 1 || !box.every((side) => side >= -SLACK && side <= 1 + SLACK)) continue;
    within++;
    if (!isTiny || box.every(Number.isInteger)) continue; // in pixels it may be whole; as a fraction it is the whole image
    fractions++;
    if (firstFraction === -1) firstFraction = index;
  }
  if (within > count / 2 && fractions >= within / 2 && (count > 1 || points === 0))
    return { fault: "fractions", count: within, of: count, first: firstFraction };
  return tiny === count && points < count ? { fault: "tiny", count, of: count, first: firstTiny } : null;
}

/** "this box and 7 of the 9 others lie between 0 and 1, …": what an error says of `first` and the others. */
export function pixelFaultText({ fault, count, of }: NotPixels, noun: "box" | "mark" = "box"): string {
  const others = count === of ? "all others" : `${count - 1} of the ${of - 1} others`;
  return `this ${noun} and ${others} ${NOT_PIXELS[fault]}`;
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
