// What a detector finds on held-out windows, as pictures: detections are orange, held-out marks are blue.

import sharp from "sharp";
import type { RgbImage } from "../data/image-file.ts";
import type { Box } from "../geometry/box.ts";
import type { Png } from "./event-file.ts";

export interface Look {
  readonly step: number;
  /** Detections below it are not drawn. */
  readonly score: number;
  readonly pictures: readonly (RgbImage & {
    readonly marks: readonly Box[];
    readonly found: readonly { readonly box: Box; readonly score: number }[];
  })[];
}

const [BLUE, ORANGE] = [
  [0, 114, 178],
  [230, 120, 0],
];

export async function drawn({ width, height, data, marks, found }: Look["pictures"][number], score: number): Promise<Png> {
  const image = { width, height, data: Uint8Array.from(data) };
  for (const cell of found) if (cell.score >= score) outline(image, cell.box, ORANGE);
  for (const box of marks) outline(image, box, BLUE);
  const png = sharp(image.data, { raw: { width, height, channels: 3 } }).png();
  return { width, height, bytes: await png.toBuffer() };
}

/** Two pixels wide, inside the box. */
function outline({ width, height, data }: RgbImage, box: Box, colour: readonly number[]): void {
  const [x1, y1, x2, y2] = box.map(Math.round);
  for (let y = Math.max(0, y1); y < Math.min(height, y2); y++)
    for (let x = Math.max(0, x1); x < Math.min(width, x2); x++) {
      const isInside = x >= x1 + 2 && x < x2 - 2 && y >= y1 + 2 && y < y2 - 2;
      if (!isInside) (data as Uint8Array).set(colour, 3 * (y * width + x));
    }
}
