// White pictures, and pictures laid on them.

import type { RgbImage } from "../data/image-file.ts";
import type { Sides } from "../data/working-resolution.ts";

export const white = ({ width, height }: Sides): RgbImage => ({
  width,
  height,
  data: new Uint8Array(3 * width * height).fill(255),
});

/** Writes an image, from `skip` on, into another at its place; what does not fit is left out. */
export function paste(image: RgbImage, into: RgbImage, at: { x: number; y: number }, skip = { x: 0, y: 0 }): void {
  const width = Math.min(image.width, into.width - at.x) - skip.x;
  const bottom = Math.min(image.height, into.height - at.y);
  for (let y = skip.y; y < bottom; y++) {
    const from = 3 * (y * image.width + skip.x);
    into.data.set(image.data.subarray(from, from + 3 * width), 3 * ((at.y + y) * into.width + at.x + skip.x));
  }
}
