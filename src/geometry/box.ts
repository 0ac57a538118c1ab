// Boxes as tuples. rows.ts converts them to and from arrays; COCO's [x, y, width, height] exists only in files.

/** In pixels, x to the right, y down, from the image's top left corner; x1 < x2 and y1 < y2. */
export type Box = readonly [x1: number, y1: number, x2: number, y2: number];

export const width = (box: Box): number => box[2] - box[0];
export const height = (box: Box): number => box[3] - box[1];

/**
 * In square pixels; 0 for an empty box.
 *
 * @example
 * area([10, 10, 40, 30]); // 600
 */
export const area = (box: Box): number => Math.max(0, width(box)) * Math.max(0, height(box));

export const centre = ([x1, y1, x2, y2]: Box): readonly [x: number, y: number] => [(x1 + x2) / 2, (y1 + y2) / 2];

/**
 * Intersection over union, in [0, 1]; 0 when the boxes do not overlap.
 *
 * @example
 * iou([0, 0, 10, 10], [5, 0, 15, 10]); // 1/3
 */
export function iou(a: Box, b: Box): number {
  const w = Math.min(a[2], b[2]) - Math.max(a[0], b[0]);
  const h = Math.min(a[3], b[3]) - Math.max(a[1], b[1]);
  if (w <= 0 || h <= 0) return 0;
  const intersection = w * h;
  return intersection / (area(a) + area(b) - intersection);
}

/**
 * The part of `box` inside an image of `imageWidth` × `imageHeight` pixels; null when nothing is left.
 *
 * @example
 * clip([-5, 10, 20, 30], 100, 100); // [0, 10, 20, 30]
 */
export function clip(box: Box, imageWidth: number, imageHeight: number): Box | null {
  const clipped: Box = [Math.max(0, box[0]), Math.max(0, box[1]), Math.min(imageWidth, box[2]), Math.min(imageHeight, box[3])];
  return clipped[0] < clipped[2] && clipped[1] < clipped[3] ? clipped : null;
}
