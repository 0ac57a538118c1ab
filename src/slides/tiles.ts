// The tiles of a level. A part that cannot be decoded is read tile by tile, and those that are bad stay white.

import type { RgbImage } from "../data/image-file.ts";
import type { Sides } from "../data/working-resolution.ts";
import { UserError } from "../errors.ts";
import type { Window } from "../geometry/windows.ts";
import { paste, white } from "./pixels.ts";
import type { StoredSlide } from "./slide.ts";

/** What of a tile lies in a part. */
export interface TilePart extends Window {
  readonly column: number;
  readonly row: number;
}

/** Row by row. */
export function tilesIn(part: Window, tile: Sides): TilePart[] {
  const columns = along(part.x, part.width, tile.width);
  return along(part.y, part.height, tile.height).flatMap((row) =>
    columns.map((column) => ({
      column: column.number,
      row: row.number,
      x: column.from,
      y: row.from,
      width: column.length,
      height: row.length,
    })),
  );
}

function along(start: number, length: number, tile: number) {
  const first = Math.floor(start / tile);
  return Array.from({ length: Math.ceil((start + length) / tile) - first }, (_, i) => {
    const from = Math.max(start, (first + i) * tile);
    return { number: first + i, from, length: Math.min(start + length, (first + i + 1) * tile) - from };
  });
}

/** Adds the names of bad tiles to `bad`. Throws a UserError when the file itself cannot be read any more. */
export async function readTiles(slide: StoredSlide, level: number, part: Window, bad: Set<string>): Promise<RgbImage> {
  const pixels = (of: Window): Promise<RgbImage | null> =>
    slide.pixels(level, of).catch((error) => {
      if (error instanceof UserError) throw error;
      return null;
    });
  const whole = await pixels(part);
  if (whole !== null) return whole;
  const image = white(part);
  const tile = slide.tileOf(level);
  for (const { column, row, ...place } of tilesIn(part, tile)) {
    const found = await pixels(place);
    if (found !== null) paste(found, image, { x: place.x - part.x, y: place.y - part.y });
    else bad.add(`level ${level}, column ${column}, row ${row} of tiles of ${tile.width}×${tile.height}`);
  }
  return image;
}
