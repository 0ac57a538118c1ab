// Tiled TIFF by libvips: generic pyramids, SVS with JPEG tiles, OME-TIFF in RGB. A read decodes the tiles that it needs.

import { statSync } from "node:fs";
import sharp from "sharp";
import type { RgbImage } from "../data/image-file.ts";
import { rgbOf } from "../data/raw-image.ts";
import { type TiffDirectory, tags } from "../data/tiff-directories.ts";
import { reason, UserError } from "../errors.ts";
import type { Window } from "../geometry/windows.ts";
import { levelsOf } from "./levels.ts";
import { tiffMicrons } from "./microns.ts";
import { white } from "./pixels.ts";
import type { StoredSlide } from "./slide.ts";
import type { SlideFormat } from "./slide-format.ts";
import { damagedSlide, levelPages, type TiledPage } from "./tiff-pages.ts";
import { TileTable } from "./tile-table.ts";
import { tilesIn } from "./tiles.ts";

/** null when no page is tiled. Throws a UserError when a level is damaged, or its pixels are not 8-bit colours. */
export function tiffSlide(
  path: string,
  directories: readonly TiffDirectory[],
  { format, vendor }: SlideFormat,
): StoredSlide | null {
  const pages = levelPages(path, directories);
  if (pages.length === 0) return null;
  const [main] = pages;
  const requireUnchanged = whileUnchanged(path);
  const strictness = strictnessFor(path);
  const tables: TileTable[] = [];
  return {
    path,
    reader: "tiff",
    format,
    vendor,
    width: main.width,
    height: main.height,
    levels: levelsOf(pages),
    mpp: tiffMicrons(main.directory, directories[0].text(tags.description)),
    tileOf: (level) => pages[level].tile,
    async pixels(level, part) {
      const page = pages[level];
      const tiles = tilesIn(part, page.tile);
      try {
        const table = (tables[level] ??= tileTable(path, page));
        const empty = table.countEmpty(tiles);
        if (empty === tiles.length) return white(part);
        if (empty > 0) throw new RangeError("tiles are left out"); // so that the others are read one by one
        await table.requireWhole(tiles);
        return await decoded(path, page, part, await strictness());
      } catch (error) {
        requireUnchanged();
        throw error;
      }
    },
    close() {},
  };
}

/** Throws a UserError when the table is damaged, because then no tile can be read. */
function tileTable(path: string, page: TiledPage): TileTable {
  try {
    return new TileTable(path, page);
  } catch (error) {
    throw damagedSlide(path, reason(error));
  }
}

/** Throws a UserError once the file is another than it was. */
function whileUnchanged(path: string): () => void {
  const { size, mtimeMs } = statSync(path);
  return () => {
    const status = statSync(path, { throwIfNoEntry: false });
    if (status === undefined || status.size !== size || status.mtimeMs !== mtimeMs)
      throw new UserError(`${path}: ${status ? "has changed" : "is missing"} since it was opened; restore it and begin again`);
  };
}

type Strictness = "error" | "warning";

/** libvips only warns of a tile that it cannot decode; but where the header alone makes it warn, every tile would be bad. */
function strictnessFor(path: string): () => Promise<Strictness> {
  let found: Promise<Strictness> | undefined;
  return () => {
    found ??= sharp(path, { failOn: "warning", limitInputPixels: false })
      .metadata()
      .then(
        () => "warning",
        () => "error",
      );
    return found;
  };
}

/** Random access, because in sequential order libvips keeps lines that nobody needs. */
function decoded(file: string, { page, subIfd }: TiledPage, part: Window, failOn: Strictness): Promise<RgbImage> {
  const level = { page, ...(subIfd === null ? {} : { tiff: { subifd: subIfd } }) };
  const picture = sharp(file, { ...level, failOn, ignoreIcc: true, limitInputPixels: false, sequentialRead: false })
    .extract({ left: part.x, top: part.y, width: part.width, height: part.height })
    .flatten({ background: "#ffffff" })
    .toColourspace("srgb");
  return rgbOf(picture);
}
