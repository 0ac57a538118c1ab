// Where the viewer goes to show a suspect, and the tiles that it will need there.

import type { Box, ImageFacts } from "../../../src/api.ts";
import { centre } from "../canvas/shapes.ts";

/** A window of the image around a box, 10 times as wide, in the shape of the screen. */
export function windowAround(box: Box, shape: number, times = 10): Box {
  const side = Math.max(box[2] - box[0], box[3] - box[1], 8) * times;
  const [width, height] = shape >= 1 ? [side * shape, side] : [side, side / shape];
  const [x, y] = centre(box);
  return [x - width / 2, y - height / 2, x + width / 2, y + height / 2];
}

/**
 * The same, moved into the image but for a margin: a box at its edge is not in the middle then, and the screen is not half empty.
 */
export function windowInside(image: Pick<ImageFacts, "width" | "height">, box: Box, shape: number): Box {
  const [left, top, right, bottom] = windowAround(box, shape);
  const margin = MARGIN * Math.min(right - left, bottom - top);
  const [x, y] = [shift(left, right, image.width, margin), shift(top, bottom, image.height, margin)];
  return [left + x, top + y, right + x, bottom + y];
}

/** Of the window's smaller side: what encircles a suspect stays in view. */
const MARGIN = 0.08;

/** What moves a stretch into 0 … length, or its middle to that of a length that is shorter. */
function shift(from: number, to: number, length: number, margin: number): number {
  if (to - from >= length) return (length - from - to) / 2;
  return Math.max(0, -margin - from) + Math.min(0, length + margin - to);
}

export const tileUrl = (image: string, level: number, x: number, y: number) =>
  `/api/v1/images/${image}/tiles/${level}/${x}/${y}.jpg`;

/** A tile, and the part of the image that it shows. */
export interface Tile {
  readonly url: string;
  readonly box: Box;
}

/** The tiles that a window needs on a screen of `pixels` pixels' width. */
export function tilesIn(image: ImageFacts, [left, top, right, bottom]: Box, pixels: number): Tile[] {
  const scale = pixels / (right - left);
  const level = Math.max(0, Math.min(image.levels - 1, image.levels - 1 + Math.ceil(Math.log2(scale))));
  const side = image.tileSize * 2 ** (image.levels - 1 - level);
  const last = (length: number) => Math.ceil(length / side) - 1;
  const tiles: Tile[] = [];
  for (let y = Math.max(0, Math.floor(top / side)); y <= Math.min(last(image.height), Math.floor(bottom / side)); y++)
    for (let x = Math.max(0, Math.floor(left / side)); x <= Math.min(last(image.width), Math.floor(right / side)); x++)
      tiles.push({
        url: tileUrl(image.id, level, x, y),
        box: [x * side, y * side, Math.min(image.width, (x + 1) * side), Math.min(image.height, (y + 1) * side)],
      });
  return tiles;
}

export const tilesFor = (...window: Parameters<typeof tilesIn>): string[] => tilesIn(...window).map(({ url }) => url);
