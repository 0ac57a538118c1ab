// Reads PNG, JPEG and TIFF files as 8-bit RGB, by the rule of pixels.ts. EXIF and TIFF orientation is applied, because annotators
// saw the rotated image: sizes and coordinates refer to it. Colour profiles are ignored, as in PIL and OpenCV, so that pretrained
// weights see the values they were trained on. Ordinary pictures (8 bits; the upper 8 of 16) are converted by libvips alone.

import type { Metadata } from "sharp";
import { UserError } from "../errors.ts";
import { decoding, headerOf, MOST_BYTES, opened, unreadable } from "./decoder.ts";
import type { PixelChoice } from "./pixel-choice.ts";
import { FULL_RANGE, type Reading, readingOf, requireRange } from "./pixels.ts";
import { type Measured, measuredOf, samplesOf, toRgb } from "./samples.ts";
import { storedPicture } from "./stored-picture.ts";

/** A decoded image. */
export interface RgbImage {
  readonly width: number;
  readonly height: number;
  /** [height, width, 3], 0 to 255. */
  readonly data: Uint8Array;
  /** In a training on several processes: the sizes of the images of its batch that are elsewhere. */
  readonly beside?: readonly ImageSize[];
}

export interface ImageSize {
  readonly width: number;
  readonly height: number;
}

export interface ImageHeader extends ImageSize {
  /** The file asks viewers to rotate or mirror its pixels; width and height are those after that. */
  readonly turned: boolean;
  /** How its pixels are read. */
  readonly reading: Reading;
  /** Pages of the file, smaller copies included. */
  readonly pages: number;
}

/**
 * Decodes a whole image. `choice` decides what the file leaves open: the page of a stack, the channels of a multichannel image,
 * the range of values of more than 8 bits. Throws a UserError that names the file when it is missing, not an image, cut off or
 * damaged, when it leaves open what `choice` does not say, and when it has more than 300 MB decoded (at least 3 samples per
 * pixel). Images that together exceed this wait for each other.
 *
 * @example
 * const { width, height, data } = await readImage("slide.png");
 * const red = data[3 * (10 * width + 20)]; // at x = 20, y = 10
 * const stretched = await readImage("camera.tif", { page: 2, range: "0:4095" });
 */
export async function readImage(file: string, choice: PixelChoice = {}): Promise<RgbImage> {
  const { header, bytes } = await inspected(file, choice);
  return decoding.within(bytes, async () => {
    const image = await (isOrdinary(header.reading) ? decoded(file, header.reading) : stretched(file, header));
    if (laysOnWhite(header.reading) && isBlank(image)) await requireOpaque(file, header.reading);
    return image;
  });
}

/** Whether opacity is laid on white, so that nothing of a picture may be left. */
export const laysOnWhite = ({ channels, page }: Reading): boolean => channels === null && page.alpha;

const BLANK = 238; // of 255: opacity below 1/16 leaves at least this of black

const isBlank = ({ data }: RgbImage): boolean => data.every((value) => value >= BLANK);

/** Throws a UserError when the opacity is nearly none everywhere: its colours are there and would be lost. */
async function requireOpaque(file: string, { pages: [page], page: { bits, colours } }: Reading): Promise<void> {
  const greatest = await opacityOf(file, page);
  const most = bits === 16 ? 65_535 : 255;
  if (greatest <= most / 16)
    throw new UserError(
      `${file}: is wholly transparent: its opacity is at most ${greatest} of ${most}, so that nothing of it would be left; read its colours alone with --channels ${colours === 1 ? "1" : "1,2,3"}`,
    );
}

/** The greatest opacity of a page. */
async function opacityOf(file: string, page: number): Promise<number> {
  try {
    const { channels } = await opened(file, MOST_BYTES / 3, page).stats();
    return channels.at(-1)?.max ?? 0;
  } catch (error) {
    throw unreadable(file, error);
  }
}

/** The size that `readImage` would give, from the header alone; damage after it goes unnoticed. */
export async function imageSize(file: string, choice: PixelChoice = {}): Promise<ImageHeader> {
  return (await inspected(file, choice)).header;
}

/** Of the values that `readImage` would read, without any range. Decodes the whole image. */
export async function measured(file: string, choice: PixelChoice = {}): Promise<Measured> {
  const { header, bytes } = await inspected(file, choice);
  const { reading } = header;
  return decoding.within(bytes, async () => measuredOf(await samplesOf(file, reading), reading.page));
}

/** 8 bits, or the upper 8 of 16, of all that the picture shows: the decoder's own way. */
const isOrdinary = ({ channels, deep, range, page }: Reading): boolean =>
  channels === null && (!deep || (range === FULL_RANGE && page.bits === 16 && page.format === "unsigned"));

async function decoded(file: string, { pages: [page] }: Reading): Promise<RgbImage> {
  try {
    const { data, info } = await opened(file, MOST_BYTES / 3, page)
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

async function stretched(file: string, { reading }: ImageHeader): Promise<RgbImage> {
  const samples = await samplesOf(file, reading);
  const { width, height } = samples.channels[0];
  if (reading.deep && (reading.recorded || reading.range === null))
    requireRange(file, reading, measuredOf(samples, reading.page).greatest);
  if (!reading.deep || reading.range !== null) return { width, height, data: toRgb(file, samples, reading) };
  const full = { ...reading, range: FULL_RANGE };
  return isOrdinary(full) ? decoded(file, full) : { width, height, data: toRgb(file, samples, full) };
}

/** The size of an image and its decoded bytes, at most MOST_BYTES. */
async function inspected(file: string, choice: PixelChoice): Promise<{ header: ImageHeader; bytes: number }> {
  const picture = await storedPicture(file);
  const reading = readingOf(file, picture, choice);
  const metadata = picture.metadata ?? (await headerOf(file, reading.pages[0]));
  const { width, height } = metadata.autoOrient;
  const bytes = width * height * bytesPerPixel(metadata, reading);
  if (bytes > MOST_BYTES)
    throw new UserError(
      `${file}: has ${width}×${height} pixels, ${Math.round(bytes / 1e6)} MB decoded; at most ${MOST_BYTES / 1e6} MB can be read; cut it into smaller images`,
    );
  const turned = (metadata.orientation ?? 1) !== 1;
  return { header: { width, height, turned, reading, pages: picture.count }, bytes };
}

const SAMPLE_SIZES: { readonly [depth: string]: number } = { uchar: 1, char: 1, ushort: 2, short: 2 };

const bytesPerPixel = ({ channels, depth }: Metadata, { deep }: Reading): number =>
  Math.max(3, channels) * (SAMPLE_SIZES[depth] ?? 4) + (deep && depth !== "ushort" ? 3 : 0);
