// Reads a part of a level. If it cannot be decoded, its tiles are read one by one, and those that are bad stay white.

import type { RgbImage } from "../data/image-file.ts";
import { UserError } from "../errors.ts";
import type { Window } from "../geometry/windows.ts";
import { paste, white } from "./pixels.ts";
import type { StoredSlide } from "./slide.ts";

/** Adds the names of bad tiles to `bad`. Throws a UserError when the file itself cannot be read any more. */
export async function readTiles(slide: StoredSlide, level: number, part: Window, bad: Set<string>): Promise<RgbImage> {
  try {
    return await slide.pixels(level, part);
  } catch (error) {
    if (error instanceof UserError) throw error;
  }
  const image = white(part);
  const tile = slide.tileOf(level);
  const [right, bottom] = [part.x + part.width, part.y + part.height];
  for (let row = Math.floor(part.y / tile.height); row * tile.height < bottom; row++)
    for (let column = Math.floor(part.x / tile.width); column * tile.width < right; column++) {
      if (slide.isEmpty?.(level, column, row)) continue;
      const x = Math.max(part.x, column * tile.width);
      const y = Math.max(part.y, row * tile.height);
      const width = Math.min(right, (column + 1) * tile.width) - x;
      const height = Math.min(bottom, (row + 1) * tile.height) - y;
      try {
        paste(await slide.pixels(level, { x, y, width, height }), image, { x: x - part.x, y: y - part.y });
      } catch (error) {
        if (error instanceof UserError) throw error;
        bad.add(`level ${level}, column ${column}, row ${row} of tiles of ${tile.width}×${tile.height}`);
      }
    }
  return image;
}
