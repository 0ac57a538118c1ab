// The sizes in which the viewer asks for an image: each half of the next, down to one tile.

import type { ImageFacts } from "../api.ts";

export const TILE = 256;

export const levelsOf = ({ width, height }: Pick<ImageFacts, "width" | "height">): number =>
  1 + Math.max(0, Math.ceil(Math.log2(Math.max(width, height) / TILE)));

/** Where a tile lies in the image, and its size; null where the image has no such tile. */
export function tileWindow({ width, height, levels }: ImageFacts, level: number, x: number, y: number) {
  if (![level, x, y].every((value) => Number.isInteger(value) && value >= 0) || level >= levels) return null;
  const scale = 2 ** (levels - 1 - level);
  const size = {
    width: Math.min(TILE, Math.ceil(width / scale) - x * TILE),
    height: Math.min(TILE, Math.ceil(height / scale) - y * TILE),
  };
  if (size.width < 1 || size.height < 1) return null;
  const window = { x: x * TILE * scale, y: y * TILE * scale, width: size.width * scale, height: size.height * scale };
  return { window, size };
}
