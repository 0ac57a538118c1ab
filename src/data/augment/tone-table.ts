// Augmentations of single values, one after the other, as one table.

import type { RgbImage } from "../image-file.ts";

/** What becomes of a value, 0 to 1, in an image with this mean. */
export type Curve = (mean: number) => (value: number) => number;

/** The image with its values mapped by `curves` in turn, each clipped to 0 … 1, rounded once at the end. */
export function toned({ width, height, data }: RgbImage, curves: readonly Curve[]): RgbImage {
  const counts = new Float64Array(256);
  for (let i = 0; i < data.length; i++) counts[data[i]]++;
  let values = Float64Array.from({ length: 256 }, (_, value) => value / 255);
  for (const curve of curves) {
    const mean = values.reduce((sum, value, k) => sum + counts[k] * value, 0) / data.length;
    const map = curve(mean);
    values = values.map((value) => Math.min(1, Math.max(0, map(value))));
  }
  const table = Uint8Array.from(values, (value) => Math.round(255 * value));
  const result = new Uint8Array(data.length);
  for (let i = 0; i < data.length; i++) result[i] = table[data[i]];
  return { width, height, data: result };
}
