import type { Box } from "../geometry/box.ts";
import type { RgbImage } from "./image-file.ts";

/** The mean of red, green and blue, 0 to 255, over the pixels that a box touches. */
export function brightness({ data, width, height }: RgbImage, [x1, y1, x2, y2]: Box): number {
  const [left, top] = [Math.max(0, Math.floor(x1)), Math.max(0, Math.floor(y1))];
  const [right, bottom] = [Math.min(width, Math.ceil(x2)), Math.min(height, Math.ceil(y2))];
  let sum = 0;
  for (let y = top; y < bottom; y++) for (let at = 3 * (y * width + left); at < 3 * (y * width + right); at++) sum += data[at];
  return sum / Math.max(1, 3 * (right - left) * (bottom - top));
}
