// The one way in which pixels are resampled, for training and for prediction: bilinear with antialiasing, as torchvision's
// `resize` (antialias=True) and Pillow. Enlarged, it is torch's bilinear interpolation; shrunk, each pixel is the mean of those
// that it covers, weighted by a triangle. Edges stay in place: x becomes x · width / old width. (libvips is faster, but what it
// enlarges lies half a pixel too far right and down.)

import type { Window } from "../geometry/windows.ts";
import type { ImageSize, RgbImage } from "./image-file.ts";

/**
 * The image in another size; with the same size, the image itself. `box`: the part that is resampled, in fractions of a pixel
 * if need be, with pixels around it where the image has them.
 */
export function resampled(image: RgbImage, { width, height }: ImageSize, box?: Window): RgbImage {
  const part = box ?? { x: 0, y: 0, width: image.width, height: image.height };
  if (width === image.width && height === image.height && isWhole(image, part)) return image;
  const source = image.data;
  const columns = taps(image.width, width, part.x, part.width / width);
  const rows = taps(image.height, height, part.y, part.height / height);
  const data = new Uint8Array(3 * width * height);
  const line = new Float32Array(3 * image.width); // a row of the result, still as wide as the source
  for (let y = 0; y < height; y++) {
    line.fill(0.5); // so that cutting off the fraction rounds
    for (let tap = rows.starts[y]; tap < rows.starts[y + 1]; tap++) {
      const weight = rows.weights[tap];
      const from = line.length * (rows.first[y] + tap - rows.starts[y]);
      for (let i = 0; i < line.length; i++) line[i] += weight * source[from + i];
    }
    for (let x = 0, to = 3 * width * y; x < width; x++, to += 3) {
      let red = 0;
      let green = 0;
      let blue = 0;
      for (let tap = columns.starts[x], from = 3 * columns.first[x], end = columns.starts[x + 1]; tap < end; tap++, from += 3) {
        const weight = columns.weights[tap];
        red += weight * line[from];
        green += weight * line[from + 1];
        blue += weight * line[from + 2];
      }
      data[to] = red;
      data[to + 1] = green;
      data[to + 2] = blue;
    }
  }
  return { width, height, data };
}

interface Taps {
  /** Of each pixel of the result, the first of its weights; one more at the end. */
  readonly starts: Int32Array;
  readonly weights: Float64Array;
  /** Of each pixel of the result, the pixel of the source that its first weight is for. */
  readonly first: Int32Array;
}

const isWhole = ({ width, height }: ImageSize, box: Window): boolean =>
  box.x === 0 && box.y === 0 && box.width === width && box.height === height;

/**
 * Along one side: of which pixels, and with which weights, each of the `to` pixels of the result is made. The first begins at
 * `offset`, and each spans `scale` pixels. Beyond the image its last pixel is taken.
 */
function taps(from: number, to: number, offset: number, scale: number): Taps {
  const support = Math.max(1, scale); // of the triangle, on either side
  const [starts, first, weights] = [new Int32Array(to + 1), new Int32Array(to), [] as number[]];
  for (let i = 0; i < to; i++) {
    const centre = Math.min(from, Math.max(0, offset + (i + 0.5) * scale));
    const low = Math.max(0, Math.ceil(centre - support - 0.5));
    const high = Math.min(from - 1, Math.floor(centre + support - 0.5));
    const triangle = Array.from({ length: high - low + 1 }, (_, k) => 1 - Math.abs(low + k + 0.5 - centre) / support);
    const sum = triangle.reduce((a, b) => a + b, 0);
    first[i] = low;
    for (const value of triangle) weights.push(value / sum);
    starts[i + 1] = weights.length;
  }
  return { starts, first, weights: Float64Array.from(weights) };
}
