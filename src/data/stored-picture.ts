// What a file says of its pixels before any is decoded: pages, channels, depth, opacity, the range that is recorded. Of a TIFF
// its directories say it; libvips takes any further channel for opacity, and tells of the first page alone.

import type { Metadata } from "sharp";
import { UserError } from "../errors.ts";
import { headerOf, type ImageKind, imageKind, unreadable } from "./decoder.ts";
import { readTiff, type TiffDirectory, tags } from "./tiff-directories.ts";

/** What a pixel's numbers mean: `decoded` is what the decoder alone turns into RGB (a palette, CMYK, YCbCr, Lab). */
export type Meaning = "grey" | "rgb" | "decoded";

export interface StoredPage {
  readonly width: number;
  readonly height: number;
  readonly meaning: Meaning;
  /** Numbers per pixel. */
  readonly samples: number;
  /** How many of them are colours by its meaning: 1 or 3; 4 of CMYK. */
  readonly colours: number;
  /** The first sample after the colours is declared as opacity. */
  readonly alpha: boolean;
  readonly whiteIsZero: boolean;
  readonly bits: number;
  readonly format: "unsigned" | "signed" | "float";
  /** Of how many bits the file says that its numbers use; null when it does not say. */
  readonly bitsUsed: number | null;
  /** The file says that the page is a smaller copy of another, or a mask. */
  readonly reduced: boolean;
}

export interface StoredPicture {
  readonly kind: ImageKind;
  /** The pages that can be read. */
  readonly pages: readonly StoredPage[];
  /** How many pages the file says to have. */
  readonly count: number;
  /** What the decoder says of the only page of a PNG or JPEG file. */
  readonly metadata?: Metadata;
}

/** Throws a UserError when the file is missing, of another kind, or damaged in its header, or has pixels of an unknown kind. */
export async function storedPicture(file: string): Promise<StoredPicture> {
  const kind = imageKind(file);
  if (kind !== "tiff") {
    const metadata = await headerOf(file);
    return { kind, pages: [ordinaryPage(metadata)], count: 1, metadata };
  }
  try {
    return readTiff(file, (directories) => {
      if (directories.length === 0) throw new RangeError("it has no page");
      const pages = directories.map((directory) => tiffPage(file, directory));
      return { kind, pages, count: Math.max(pages.length, imagesOfImageJ(directories[0].text(tags.description))) };
    });
  } catch (error) {
    if (error instanceof UserError) throw error;
    throw unreadable(file, error);
  }
}

function ordinaryPage({ width, height, channels, hasAlpha, depth, space, isPalette }: Metadata): StoredPage {
  const colours = channels - (hasAlpha ? 1 : 0);
  const meaning = isPalette || space === "cmyk" ? "decoded" : colours === 1 ? "grey" : "rgb";
  const bits = depth === "ushort" ? 16 : 8;
  const own = { whiteIsZero: false, format: "unsigned", bitsUsed: null, reduced: false } as const;
  return { width, height, meaning, samples: channels, colours, alpha: hasAlpha, bits, ...own };
}

const COLOURS: { readonly [photometric: number]: readonly [Meaning, number] } = {
  0: ["grey", 1],
  1: ["grey", 1],
  2: ["rgb", 3],
  3: ["decoded", 1], // palette
  5: ["decoded", 4], // CMYK
  6: ["decoded", 3], // YCbCr
  8: ["decoded", 3], // CIE L*a*b*
  9: ["decoded", 3], // ICC L*a*b*
  10: ["decoded", 3], // ITU L*a*b*
};

function tiffPage(file: string, directory: TiffDirectory): StoredPage {
  const first = (tag: number, fallback: number) => directory.values(tag)[0] ?? fallback;
  const samples = first(tags.samplesPerPixel, 1);
  const photometric = first(tags.photometric, samples < 3 ? 1 : 2);
  const [meaning, colours] = COLOURS[photometric] ?? [null, 0];
  const bits = first(tags.bitsPerSample, 1);
  const reduced = (first(tags.newSubfileType, 0) & 5) !== 0 || first(tags.subfileType, 0) === 2; // 1: smaller copy, 4: mask
  if (meaning === null && !reduced)
    throw new UserError(`${file}: its photometric interpretation is ${photometric}; save it as grey, RGB or CMYK`);
  const alpha = samples > colours && [1, 2].includes(first(tags.extraSamples, 0));
  return {
    width: first(tags.width, 0),
    height: first(tags.height, 0),
    meaning: meaning ?? "decoded",
    samples,
    colours,
    alpha,
    whiteIsZero: photometric === 0,
    bits,
    format: first(tags.sampleFormat, 1) === 2 ? "signed" : first(tags.sampleFormat, 1) === 3 ? "float" : "unsigned",
    bitsUsed: bits > 8 ? bitsUsed(directory, bits) : null,
    reduced,
  };
}

/** As OME and cameras record it. A recorded greatest value may be that of one image: the bits that it needs are the camera's. */
function bitsUsed(directory: TiffDirectory, bits: number): number | null {
  const ome = /<Pixels\b[^>]*\bSignificantBits="(\d+)"/.exec(directory.text(tags.description));
  const greatest = Math.max(0, ...directory.values(tags.maxSampleValue), ...directory.values(tags.sMaxSampleValue));
  const used = ome ? Number(ome[1]) : greatest >= 1 ? Math.ceil(Math.log2(greatest + 1)) : 0;
  return used >= 1 && used <= bits ? used : null;
}

/** ImageJ writes one directory for a stack of more than 4 GB, and its number of pages as text. */
function imagesOfImageJ(description: string): number {
  return Number(/^ImageJ=.*^images=(\d{1,9})\s*$/ms.exec(description)?.[1] ?? 0);
}
