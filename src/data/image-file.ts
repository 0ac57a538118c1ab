// PNG, JPEG and TIFF files to plain RGB pixels, by libvips (https://sharp.pixelplumbing.com). The rules, the same for size
// and pixels: an EXIF or TIFF orientation is applied, because annotations were made on what a viewer showed; colour profiles
// are ignored, as in PIL and OpenCV, so that pretrained weights see the numbers that they were trained on; transparency is
// laid on white, grey becomes RGB, 16 bits become their upper 8, CMYK is converted; of a pyramid or stack, the first page.

import { accessSync, constants } from "node:fs";
import sharp from "sharp";
import { reason, UserError } from "../errors.ts";

sharp.concurrency(1); // libtorch has the cores
sharp.cache(false); // every file is read once; a cache would only hold memory

export interface RgbImage {
  readonly width: number;
  readonly height: number;
  /** [height, width, 3], each 0 to 255. */
  readonly data: Uint8Array;
}

export interface ImageSize {
  readonly width: number;
  readonly height: number;
}

const FORMATS = new Set(["png", "jpeg", "tiff"]);
const DEPTHS = new Set(["uchar", "ushort"]);

/** Decodes a whole image. Throws a UserError that names the file when it is missing, no image, cut off or damaged. */
export async function readImage(file: string): Promise<RgbImage> {
  const { image } = await open(file);
  try {
    const { data, info } = await image
      .flatten({ background: "#ffffff" })
      .toColourspace("srgb")
      .raw({ depth: "uchar" })
      .toBuffer({ resolveWithObject: true });
    if (info.channels !== 3) throw new Error(`it has ${info.channels} channels after conversion to RGB`);
    return { width: info.width, height: info.height, data: new Uint8Array(data.buffer, data.byteOffset, data.length) };
  } catch (error) {
    throw unreadable(file, error);
  }
}

/** The size that `readImage` would give, from the header alone: damage further on goes unnoticed. */
export async function imageSize(file: string): Promise<ImageSize> {
  return (await open(file)).size;
}

async function open(file: string) {
  try {
    accessSync(file, constants.R_OK);
  } catch (error) {
    throw new UserError(`${file}: cannot be read: ${reason(error)}; check the path`);
  }
  // "error" refuses cut-off and damaged files; "warning" would also refuse harmless oddities of scanners' metadata
  const image = sharp(file, { failOn: "error", autoOrient: true, ignoreIcc: true });
  const { format, depth, autoOrient } = await image.metadata().catch((error) => {
    throw unreadable(file, error);
  });
  if (!FORMATS.has(format)) throw new UserError(`${file}: is a ${format} image; convert it to PNG, JPEG or TIFF`);
  if (!DEPTHS.has(depth)) throw new UserError(`${file}: has ${depth} pixels, whose range is unknown; convert it to 8 or 16 bits`);
  return { image, size: { width: autoOrient.width, height: autoOrient.height } };
}

function unreadable(file: string, error: unknown): UserError {
  return new UserError(
    `${file}: cannot be decoded: ${reason(error)}; it may be damaged or cut off, save it again as PNG, JPEG or TIFF`,
  );
}
