// Checks that an image file is complete by its end, without decoding, so that thousands take seconds.
// PNG ends with the chunk IEND (https://www.w3.org/TR/png-3/#5Chunk-layout), JPEG with the marker EOI (ITU-T T.81, B.1.1.3);
// a TIFF has no end marker, but its directories say where each strip or tile of pixels is.

import { type FileHandle, open } from "node:fs/promises";
import { LEAST_CONTRAST, seenOn } from "../data/contrast.ts";
import { type ImageHeader, imageSize, laysOnWhite, measured, readImage } from "../data/image-file.ts";
import type { PixelChoice } from "../data/pixel-choice.ts";
import { FULL_RANGE } from "../data/pixels.ts";
import type { Measured } from "../data/samples.ts";
import { readTiff, tags } from "../data/tiff-directories.ts";

export interface CheckedImage extends ImageHeader {
  /** Its values of more than 8 bits, where no choice says which become 0 to 255. */
  readonly measured?: Measured;
  /** It was decoded, and is black or of one colour. */
  readonly blank?: boolean;
}

/**
 * The size of an image as `readImage` would give it. Only the header and the end of the file are read, unless they are
 * inconclusive, `verify` is set, it may be wholly transparent, or its values have more than 8 bits; then every pixel is decoded. Throws a UserError
 * that names the file when it is missing, not an image or cut off; damage in the middle is found only with `verify`.
 */
export async function checkedImageSize(
  file: string,
  { verify = false, choice = {} }: { verify?: boolean; choice?: PixelChoice } = {},
): Promise<CheckedImage> {
  const header = await imageSize(file, choice);
  if (laysOnWhite(header.reading)) await readImage(file, { range: FULL_RANGE, ...choice });
  if (header.reading.deep && choice.range === undefined) return { ...header, measured: await measured(file, choice) };
  if (!verify && !header.reading.deep && (await endsWhole(file, header))) return header;
  return { ...header, blank: seenOn(await readImage(file, choice)).contrast < LEAST_CONTRAST };
}

const IEND = Buffer.from("0000000049454e44ae426082", "hex");
const EOI = Buffer.from("ffd9", "hex");

/** Also false when the end is inconclusive, for instance when other data follow the image. */
async function endsWhole(file: string, { reading }: ImageHeader): Promise<boolean> {
  const handle = await open(file);
  try {
    const { size } = await handle.stat();
    const [start] = await bytes(handle, 0, 1);
    if (start === 0x89) return (await bytes(handle, size - IEND.length, IEND.length)).equals(IEND);
    if (start === 0xff) return (await bytes(handle, size - EOI.length, EOI.length)).equals(EOI);
    return reading.pages.every((page) => {
      const extent = tiffExtent(file, page);
      return extent !== null && extent <= size;
    });
  } catch (error) {
    if (error instanceof RangeError) return false; // it refers beyond its end
    throw error;
  } finally {
    await handle.close();
  }
}

/** The end of the last strip or tile of a page, in bytes; null when the directory does not say. */
function tiffExtent(file: string, page: number): number | null {
  return readTiff(file, (directories) => {
    const either = (...alternatives: readonly number[]): number[] =>
      alternatives.map((tag) => directories[page].values(tag)).find((values) => values.length > 0) ?? [];
    const [offsets, lengths] = [either(tags.stripOffsets, tags.tileOffsets), either(tags.stripByteCounts, tags.tileByteCounts)];
    if (offsets.length === 0 || offsets.length !== lengths.length) return null;
    return offsets.reduce((end, offset, i) => Math.max(end, offset + lengths[i]), 0);
  });
}

/** `length` bytes from `position` on. Throws a RangeError when the file is shorter. */
async function bytes(handle: FileHandle, position: number, length: number): Promise<Buffer> {
  if (position < 0) throw new RangeError("before the file");
  const { buffer, bytesRead } = await handle.read(Buffer.alloc(length), 0, length, position);
  if (bytesRead < length) throw new RangeError("beyond the file");
  return buffer;
}
