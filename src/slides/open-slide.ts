// Opens a slide by the reader that reads its format.

import { imageKind } from "../data/decoder.ts";
import type { PixelChoice } from "../data/pixel-choice.ts";
import { readTiff } from "../data/tiff-directories.ts";
import { reason, UserError } from "../errors.ts";
import { flatSlide } from "./flat-slide.ts";
import { givenMicrons } from "./microns.ts";
import { openslideSlide } from "./openslide.ts";
import { readWindow } from "./read-window.ts";
import type { Slide, StoredSlide } from "./slide.ts";
import { otherFormat, type SlideFormat, tiffFormat } from "./slide-format.ts";
import { damagedSlide } from "./tiff-pages.ts";
import { tiffSlide } from "./tiff-slide.ts";

/** How a slide is opened. */
export interface SlideOptions {
  /** Microns per pixel of level 0, in place of those that the file says. */
  readonly mpp?: number;
  /** What a flat image leaves open: its page, its channels, its range. */
  readonly pixels?: PixelChoice;
}

/**
 * Opens a whole slide: tiled TIFF, SVS, OME-TIFF and flat images (PNG, JPEG, TIFF) by libvips; NDPI, MRXS, SCN, BIF, VMS, Philips
 * TIFF, SVS with JPEG 2000 and DICOM by OpenSlide, if it is installed. Throws a UserError that names the file when it is missing,
 * damaged, no slide, or of a format whose reader is missing.
 *
 * @example
 * const slide = await openSlide("case1.svs");
 * const micronsPerPixel = requireMicrons(slide).x; // throws where the file does not say; openSlide("case1.tif", { mpp: 0.25 })
 * const { image, badTiles } = await slide.read({ x: 20000, y: 10000, width: 2048, height: 2048 }, { width: 1024, height: 1024 });
 * slide.close();
 */
export async function openSlide(path: string, { mpp, pixels }: SlideOptions = {}): Promise<Slide> {
  const given = mpp === undefined ? null : givenMicrons(mpp);
  const stored = await storedSlide(path, pixels);
  return {
    path,
    reader: stored.reader,
    format: stored.format,
    vendor: stored.vendor,
    width: stored.width,
    height: stored.height,
    levels: stored.levels,
    mpp: given ?? stored.mpp,
    read: (window, size) => readWindow(stored, window, size),
    close: () => stored.close(),
  };
}

async function storedSlide(path: string, pixels?: PixelChoice): Promise<StoredSlide> {
  const other = otherFormat(path);
  if (other) return openslideSlide(path, other);
  if (imageKind(path) !== "tiff") return flatSlide(path, pixels);
  const found = inTiff(path);
  if (found === null) return flatSlide(path, pixels);
  return "levels" in found ? found : openslideSlide(path, found);
}

/** The slide, or the format that OpenSlide reads; null where no page is tiled. */
export function inTiff(path: string): StoredSlide | SlideFormat | null {
  try {
    return readTiff(path, (directories) => {
      if (directories.length === 0) throw new RangeError("it has no page");
      const format = tiffFormat(path, directories);
      return format?.reader === "tiff" ? tiffSlide(path, directories, format) : format;
    });
  } catch (error) {
    if (error instanceof UserError) throw error;
    throw damagedSlide(path, reason(error));
  }
}
