import { emptyMask, type Mask, put } from "./mask.ts";

export function maskOf(width: number, height: number, isIn: (x: number, y: number) => boolean): Mask {
  const mask = emptyMask({ width, height });
  for (let y = 0; y < height; y++) for (let x = 0; x < width; x++) if (isIn(x, y)) put(mask, x, y);
  return mask;
}
