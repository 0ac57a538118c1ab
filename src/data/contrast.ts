// What can be seen on a picture as training reads it.

import type { RgbImage } from "./image-file.ts";

export interface Seen {
  /** Mean of red, green and blue, 0 to 255. */
  readonly colour: readonly [number, number, number];
  /** The most by which the values of red, of green or of blue differ. */
  readonly contrast: number;
}

/** A picture of less contrast is black, or of one colour: nothing can be seen on it. */
export const LEAST_CONTRAST = 16;

export function seenOn({ data }: RgbImage): Seen {
  const sums = [0, 0, 0];
  const [least, greatest] = [
    [255, 255, 255],
    [0, 0, 0],
  ];
  for (let i = 0; i < data.length; i++) {
    const c = i % 3;
    sums[c] += data[i];
    if (data[i] < least[c]) least[c] = data[i];
    if (data[i] > greatest[c]) greatest[c] = data[i];
  }
  const [r, g, b] = sums.map((sum) => (3 * sum) / data.length);
  return { colour: [r, g, b], contrast: Math.max(...greatest.map((value, c) => value - least[c])) };
}
