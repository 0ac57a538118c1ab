// Label masks: images whose numbers mean which cell a pixel belongs to, 0 none. Every number is read exactly, of 8, 16 or 32
// bits, because rounding one would join cells. An image that is a picture (colours, opacity, JPEG) is refused.

import { closeSync, openSync, readSync } from "node:fs";
import type { Metadata } from "sharp";
import { UserError } from "../errors.ts";
import { arrays, type Depth, headerOf, opened, unreadable, type Values, valuesOf } from "./decoder.ts";
import { wholePages } from "./pixels.ts";
import { storedPicture } from "./stored-picture.ts";

/** A decoded label mask. */
export interface Labels {
  readonly width: number;
  readonly height: number;
  /** [height, width]: the label of each pixel, 0 for background. */
  readonly data: Uint32Array;
  /** [height, width]: 1 where the file says -1, which StarDist takes for pixels that no one has labelled; absent without any. */
  readonly unlabelled?: Uint8Array;
}

const MOST_PIXELS = 120_000_000; // 480 MB of labels, twice while they are converted

/**
 * Reads a PNG or TIFF file of one channel as labels: whole numbers of 8, 16 or 32 bits (also floats that are whole), the
 * numbers of a palette's colours, and colours that are all grey. EXIF orientation is applied, as to the image itself. Throws a
 * UserError that names the file when it is a picture, has several pages, fractions or negative numbers (other than -1), or is damaged.
 *
 * @example
 * const { width, height, data } = await readLabels("nuclei-labels.tif");
 * const label = data[10 * width + 20]; // at x = 20, y = 10; 0 is background
 */
export async function readLabels(file: string): Promise<Labels> {
  const picture = await storedPicture(file);
  const [page, ...others] = wholePages(picture);
  const header = await headerOf(file, page);
  requireLabels(file, header, 1 + others.length);
  if (picture.pages[page].format === "signed" && picture.pages[page].bits === 16) await requireNoNegative(file, page);
  const { space, depth, channels } = header;
  const pixels = opened(file, MOST_PIXELS, page).toColourspace(space as string);
  const single = channels === 1 ? pixels.extractChannel(0) : pixels;
  const { data, info } = await single
    .raw({ depth })
    .toBuffer({ resolveWithObject: true })
    .catch((error) => {
      throw unreadable(file, error);
    });
  const values = valuesOf(data, depth as Depth);
  const unlabelled = unlabelledOf(values);
  const labels = channels === 1 ? whole(file, values) : oneChannel(file, values, info.channels, palette(file, header));
  const bits = header.bitsPerSample ?? 8;
  if (channels === 1 && bits < 8) scaleDown(labels, 255 / (2 ** bits - 1)); // libvips stretches fewer bits over 8
  const { whiteIsZero, format } = picture.pages[page];
  if (whiteIsZero && format === "unsigned") undoInversion(labels, 2 ** bits - 1); // libvips shows black as 0
  return { width: info.width, height: info.height, data: labels, ...(unlabelled ? { unlabelled } : {}) };
}

function requireLabels(file: string, { format, depth, channels, autoOrient }: Metadata, pages: number): void {
  const fault = (what: string, remedy: string) => new UserError(`${file}: ${what}; ${remedy}`);
  if (format === "jpeg") throw fault("is a JPEG image, which blurs labels", "save the labels as PNG or TIFF");
  if (pages > 1) throw fault(`has ${pages} pages, expected one page of labels`, "save the page with the labels by itself");
  if (!(depth in arrays)) throw fault(`has ${depth} pixels`, "save the labels with 8, 16 or 32 bits");
  if (channels !== 1 && (channels > 4 || depth !== "uchar"))
    throw fault(`has ${channels} channels, expected one channel of labels`, "pass the mask, not the picture");
  const { width, height } = autoOrient;
  if (width * height > MOST_PIXELS)
    throw fault(
      `has ${width}×${height} pixels, expected at most ${MOST_PIXELS / 1e6} million`,
      "cut the labels and their image into smaller ones",
    );
}

/** libvips decodes signed numbers of 16 bits as unsigned ones: those below 0 become 0. */
async function requireNoNegative(file: string, page: number): Promise<void> {
  const { channels } = await opened(file, MOST_PIXELS, page)
    .stats()
    .catch((error) => {
      throw unreadable(file, error);
    });
  if (channels[0].min < 0)
    throw new UserError(`${file}: its negative numbers cannot be read from 16 bits; save the labels with 32 bits`);
}

/** Marks the pixels of -1, and makes them 0; null without any. */
function unlabelledOf(values: Values): Uint8Array | null {
  if (values instanceof Uint8Array || values instanceof Uint16Array || values instanceof Uint32Array) return null;
  let found: Uint8Array | null = null;
  for (let i = values.indexOf(-1); i !== -1; i = values.indexOf(-1, i + 1)) {
    found ??= new Uint8Array(values.length);
    [found[i], values[i]] = [1, 0];
  }
  return found;
}

/** The values as they are. Throws on a fraction or a negative number. */
function whole(file: string, values: Values): Uint32Array {
  if (values instanceof Uint32Array) return values;
  const labels = new Uint32Array(values.length);
  for (let i = 0; i < values.length; i++) {
    labels[i] = values[i];
    if (labels[i] !== values[i])
      throw new UserError(`${file}: has the value ${values[i]}, expected labels 0, 1, 2, …; pass the mask, not the picture`);
  }
  return labels;
}

/** The labels of an image in colour: the numbers in its palette, or the grey that all its channels share. */
function oneChannel(file: string, values: Values, channels: number, numbers: Map<number, number> | null): Uint32Array {
  const labels = new Uint32Array(values.length / channels);
  const [colours, opaque] = [channels > 2 ? 3 : 1, channels % 2 === 1];
  for (let i = 0, at = 0; i < labels.length; i++, at += channels) {
    const [red, green, blue] =
      colours === 1 ? [values[at], values[at], values[at]] : [values[at], values[at + 1], values[at + 2]];
    const label = numbers === null ? (red === green && green === blue ? red : undefined) : numbers.get(rgb(red, green, blue));
    if (label === undefined || !(opaque || values[at + colours] === 255))
      throw new UserError(
        `${file}: has ${label === undefined ? "colours" : "an opacity"}, expected one channel of labels; pass the mask, not the picture`,
      );
    labels[i] = label;
  }
  return labels;
}

const rgb = (red: number, green: number, blue: number): number => (red << 16) | (green << 8) | blue;

/** From the colours of a PNG's palette to their numbers; null for an image without a palette. */
function palette(file: string, { isPalette, format }: Metadata): Map<number, number> | null {
  if (!isPalette || format !== "png") return null;
  const handle = openSync(file, "r");
  try {
    const head = Buffer.alloc(8);
    for (let at = 8; readSync(handle, head, 0, 8, at) === 8; at += 12 + head.readUInt32BE(0)) {
      if (head.toString("latin1", 4) !== "PLTE") continue;
      const colours = Buffer.alloc(Math.min(768, head.readUInt32BE(0)));
      readSync(handle, colours, 0, colours.length, at + 8);
      const numbers = new Map<number, number>();
      for (let i = 0; 3 * i + 2 < colours.length; i++) {
        const colour = rgb(colours[3 * i], colours[3 * i + 1], colours[3 * i + 2]);
        if (!numbers.has(colour)) numbers.set(colour, i);
      }
      return numbers;
    }
    return null;
  } finally {
    closeSync(handle);
  }
}

function scaleDown(labels: Uint32Array, scale: number): void {
  for (let i = 0; i < labels.length; i++) labels[i] = Math.round(labels[i] / scale);
}

function undoInversion(labels: Uint32Array, most: number): void {
  for (let i = 0; i < labels.length; i++) labels[i] = most - labels[i];
}
