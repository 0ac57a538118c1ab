// Tiled TIFF by libvips: generic pyramids, SVS with JPEG tiles, OME-TIFF in RGB. A read decodes the tiles that it needs.

import { statSync } from "node:fs";
import sharp from "sharp";
import type { RgbImage } from "../data/image-file.ts";
import { rgbOf } from "../data/raw-image.ts";
import { readTiff, type TiffDirectory, tags } from "../data/tiff-directories.ts";
import { UserError } from "../errors.ts";
import type { Window } from "../geometry/windows.ts";
import { levelsOf } from "./levels.ts";
import { tiffMicrons } from "./microns.ts";
import type { StoredSlide } from "./slide.ts";
import type { SlideFormat } from "./slide-format.ts";
import { levelPages, type TiledPage } from "./tiff-pages.ts";

/** null when no page is tiled. Throws a UserError when a level is damaged, or its pixels are not 8-bit colours. */
export function tiffSlide(
  path: string,
  directories: readonly TiffDirectory[],
  { format, vendor }: SlideFormat,
): StoredSlide | null {
  const pages = levelPages(path, directories);
  if (pages.length === 0) return null;
  const [main] = pages;
  const { size, mtimeMs } = statSync(path);
  const requireUnchanged = () => {
    const status = statSync(path, { throwIfNoEntry: false });
    if (status === undefined || status.size !== size || status.mtimeMs !== mtimeMs)
      throw new UserError(`${path}: ${status ? "has changed" : "is missing"} since it was opened; restore it and begin again`);
  };
  const counts: (Float64Array | undefined)[] = [];
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
    isEmpty(level, column, row) {
      counts[level] ??= byteCounts(path, pages[level]);
      return counts[level][row * Math.ceil(pages[level].width / pages[level].tile.width) + column] === 0;
    },
    pixels: (level, part) =>
      decoded(path, pages[level], part).catch((error) => {
        requireUnchanged();
        throw error;
      }),
    close() {},
  };
}

/** How many bytes each tile of a page takes. */
function byteCounts(file: string, { page, subIfd }: TiledPage): Float64Array {
  return readTiff(file, (directories) => {
    const directory = subIfd === null ? directories[page] : directories[page].children()[subIfd];
    return Float64Array.from(directory.values(tags.tileByteCounts));
  });
}

/** "error" refuses what is cut off or damaged. Random access, because in sequential order libvips keeps lines that nobody needs. */
function decoded(file: string, { page, subIfd }: TiledPage, { x, y, width, height }: Window): Promise<RgbImage> {
  const level = { page, ...(subIfd === null ? {} : { tiff: { subifd: subIfd } }) };
  const picture = sharp(file, { ...level, failOn: "error", ignoreIcc: true, limitInputPixels: false, sequentialRead: false })
    .extract({ left: x, top: y, width, height })
    .flatten({ background: "#ffffff" })
    .toColourspace("srgb");
  return rgbOf(picture);
}
