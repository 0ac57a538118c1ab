// A rectangle of an image.

import type { Window } from "../geometry/windows.ts";
import type { RgbImage } from "./image-file.ts";

/** A copy of the pixels of `window`, which lies inside the image. */
export function crop({ data, width }: RgbImage, window: Window): RgbImage {
  const rowBytes = 3 * window.width;
  const cut = new Uint8Array(rowBytes * window.height);
  for (let row = 0; row < window.height; row++) {
    const from = 3 * ((window.y + row) * width + window.x);
    cut.set(data.subarray(from, from + rowBytes), row * rowBytes);
  }
  return { data: cut, width: window.width, height: window.height };
}
