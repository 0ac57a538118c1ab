// Decodes PNG, JPEG and TIFF files to RGB with libvips (https://sharp.pixelplumbing.com). EXIF and TIFF orientation is applied,
// because annotators saw the rotated image: sizes and coordinates refer to it. Colour profiles are ignored, as in PIL and OpenCV,
// so that pretrained weights see the values they were trained on. Transparency becomes white, grey becomes RGB, 16 bits keep
// their upper 8, CMYK is converted; of a pyramid or stack, the first page is read. No other kind of file reaches a decoder.

import { closeSync, openSync, readSync } from "node:fs";
import sharp from "sharp";
import { reason, UserError } from "../errors.ts";
import { ByteBudget } from "../files/byte-budget.ts";
import { requireOrdinaryFile } from "../files/ordinary-file.ts";

sharp.concurrency(1); // libtorch uses the cores
sharp.cache(false); // every file is read once

/** A decoded image. */
export interface RgbImage {
  readonly width: number;
  readonly height: number;
  /** [height, width, 3], 0 to 255. */
  readonly data: Uint8Array;
}

export interface ImageSize {
  readonly width: number;
  readonly height: number;
}

export interface ImageHeader extends ImageSize {
  /** The file asks viewers to rotate or mirror its pixels; width and height are those after that. */
  readonly turned: boolean;
}

/** Bytes per sample. Floats are missing, because their range is unknown. */
const SAMPLE_SIZES: { readonly [depth: string]: number } = { uchar: 1, ushort: 2 };
const MOST_BYTES = 300_000_000; // decoded: 10000×10000 in 8-bit colour; with a copy for rotation, less than 1 GB in all
const decoding = new ByteBudget(MOST_BYTES); // shared by all images being decoded: a large one is decoded alone

/**
 * Decodes a whole image. Throws a UserError that names the file when it is missing, not an image, cut off or damaged, and when
 * it has more than 300 MB decoded (at least 3 samples per pixel). Images that together exceed this wait for each other.
 *
 * @example
 * const { width, height, data } = await readImage("slide.png");
 * const red = data[3 * (10 * width + 20)]; // at x = 20, y = 10
 */
export async function readImage(file: string): Promise<RgbImage> {
  const { bytes } = await inspected(file);
  try {
    const { data, info } = await decoding.within(bytes, () =>
      opened(file, MOST_BYTES / 3)
        .flatten({ background: "#ffffff" })
        .toColourspace("srgb")
        .raw({ depth: "uchar" })
        .toBuffer({ resolveWithObject: true }),
    );
    if (info.channels !== 3) throw new Error(`it has ${info.channels} channels after conversion to RGB`);
    return { width: info.width, height: info.height, data: new Uint8Array(data.buffer, data.byteOffset, data.length) };
  } catch (error) {
    throw unreadable(file, error);
  }
}

/** The size that `readImage` would give, from the header alone; damage after it goes unnoticed. */
export async function imageSize(file: string): Promise<ImageHeader> {
  return (await inspected(file)).size;
}

/** The size of an image and its decoded bytes, at most MOST_BYTES. */
async function inspected(file: string): Promise<{ size: ImageHeader; bytes: number }> {
  requireKnownKind(file);
  const header = await opened(file, false)
    .metadata()
    .catch((error) => {
      throw unreadable(file, error);
    });
  const { width, height } = header.autoOrient;
  const sampleSize = SAMPLE_SIZES[header.depth];
  if (sampleSize === undefined)
    throw new UserError(`${file}: has ${header.depth} pixels, whose range is unknown; convert it to 8 or 16 bits`);
  const bytes = width * height * Math.max(3, header.channels) * sampleSize;
  if (bytes > MOST_BYTES)
    throw new UserError(
      `${file}: has ${width}×${height} pixels, ${Math.round(bytes / 1e6)} MB decoded; at most ${MOST_BYTES / 1e6} MB can be read; cut it into smaller images`,
    );
  return { size: { width, height, turned: (header.orientation ?? 1) !== 1 }, bytes };
}

/** "error" refuses cut-off and damaged files; "warning" would also refuse harmless oddities in scanners' metadata. */
export function opened(file: string, limitInputPixels: number | false) {
  return sharp(file, { failOn: "error", autoOrient: true, ignoreIcc: true, limitInputPixels });
}

const KINDS = ["\x89PNG\r\n\x1a\n", "\xff\xd8\xff", "II*\0", "II+\0", "MM\0*", "MM\0+"];
const OTHERS = [
  ["WebP", /^RIFF....WEBP/s],
  ["GIF", /^GIF8/],
  ["BMP", /^BM/],
  ["SVG", /^\s*<(?:svg|\?xml)/],
  ["HEIF or AVIF", /^....ftyp/s],
  ["JPEG 2000", /^....jP {2}/s],
] as const;

/** Throws a UserError that names the file unless it begins as a PNG, JPEG or TIFF file. */
export function requireKnownKind(file: string): void {
  let start: string;
  try {
    requireOrdinaryFile(file, "an image");
    start = firstBytes(file);
  } catch (error) {
    if (error instanceof UserError) throw error;
    throw new UserError(`${file}: cannot be read: ${reason(error)}; check the path`);
  }
  if (KINDS.some((kind) => start.startsWith(kind))) return;
  const other = OTHERS.find(([, kind]) => kind.test(start));
  if (other) throw new UserError(`${file}: is a ${other[0]} image; convert it to PNG, JPEG or TIFF`);
  throw unreadable(file, start === "" ? "it is empty" : "it is not an image");
}

function firstBytes(file: string): string {
  const handle = openSync(file, "r");
  try {
    const bytes = Buffer.alloc(16);
    return bytes.toString("latin1", 0, readSync(handle, bytes, 0, bytes.length, 0));
  } finally {
    closeSync(handle);
  }
}

export function unreadable(file: string, error: unknown): UserError {
  return new UserError(
    `${file}: cannot be decoded: ${reason(error)}; it may be damaged or cut off; save it again as PNG, JPEG or TIFF`,
  );
}
