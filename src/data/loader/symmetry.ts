// Cells have no upright: an image may be shown in any of eight ways.

import type { ImageSize, RgbImage } from "../image-file.ts";

/** Of the eight symmetries of a square: mirrored left to right, then top to bottom, then transposed. */
export interface Symmetry {
  readonly mirrorX: boolean;
  readonly mirrorY: boolean;
  readonly transpose: boolean;
}

/** The image turned; unturned, the image itself. Transposed, its width and height change places. */
export function turned(image: RgbImage, { mirrorX, mirrorY, transpose }: Symmetry): RgbImage {
  if (!mirrorX && !mirrorY && !transpose) return image;
  const { width, height, data } = image;
  const [alongX, alongY] = [mirrorX ? -3 : 3, (mirrorY ? -3 : 3) * width]; // bytes from pixel to pixel of the mirrored image
  const start = (mirrorX ? 3 * (width - 1) : 0) + (mirrorY ? 3 * width * (height - 1) : 0);
  const size = transpose ? { width: height, height: width } : { width, height };
  const [step, stepRow] = transpose ? [alongY, alongX] : [alongX, alongY];
  const result = new Uint8Array(data.length);
  for (let y = 0, to = 0; y < size.height; y++) {
    for (let x = 0, from = start + y * stepRow; x < size.width; x++, from += step, to += 3) {
      result[to] = data[from];
      result[to + 1] = data[from + 1];
      result[to + 2] = data[from + 2];
    }
  }
  return { ...size, data: result };
}

/** A point of an image of `size`, in the image turned. */
export function turnedPoint(
  [x, y]: readonly [number, number],
  { width, height }: ImageSize,
  { mirrorX, mirrorY, transpose }: Symmetry,
): readonly [number, number] {
  const [mx, my] = [mirrorX ? width - x : x, mirrorY ? height - y : y];
  return transpose ? [my, mx] : [mx, my];
}

/** A point of the turned image, in the image of `size` that was turned. */
export function uprightPoint(
  [x, y]: readonly [number, number],
  { width, height }: ImageSize,
  { mirrorX, mirrorY, transpose }: Symmetry,
): readonly [number, number] {
  const [mx, my] = transpose ? [y, x] : [x, y];
  return [mirrorX ? width - mx : mx, mirrorY ? height - my : my];
}
