// Which format a file is, by its content, and which reader reads it. OME-TIFF never goes to OpenSlide, which does not see its
// smaller copies; NDPI never to libvips, which would decode a level as one JPEG.

import { closeSync, openSync, readSync } from "node:fs";
import { type TiffDirectory, tags } from "../data/tiff-directories.ts";
import { reason, UserError } from "../errors.ts";
import { requireOrdinaryFile } from "../files/ordinary-file.ts";

export interface SlideFormat {
  readonly format: string;
  readonly vendor: string | null;
  readonly reader: "tiff" | "openslide";
  /** The version of OpenSlide that reads it first. */
  readonly since?: string;
}

const byOpenSlide = (format: string, vendor: string, since?: string): SlideFormat => ({
  format,
  vendor,
  reader: "openslide",
  since,
});

/** The slide formats that are no TIFF, by their first bytes or, where these are a picture's, by the ending. null: another file. */
export function otherFormat(file: string): SlideFormat | null {
  const start = firstBytes(file);
  if (start.startsWith("DICM", 128)) return byOpenSlide("DICOM", "dicom", "4.0.0");
  if (start.startsWith("ZISRAWFILE")) return byOpenSlide("Zeiss CZI", "zeiss", "4.0.1");
  if (start.startsWith("SQLite format 3") && /\.svslide$/i.test(file)) return byOpenSlide("Sakura SVSLIDE", "sakura");
  if (/^\s*\[Virtual Microscope Specimen\]/.test(start)) return byOpenSlide("Hamamatsu VMS", "hamamatsu");
  if (/^\s*\[Uncompressed Virtual Microscope Specimen\]/.test(start)) return byOpenSlide("Hamamatsu VMU", "hamamatsu");
  if (/\.mrxs$/i.test(file)) return byOpenSlide("MIRAX", "mirax");
  return null;
}

/** Throws a UserError when the file is missing, a folder or a pipe. */
function firstBytes(file: string): string {
  try {
    requireOrdinaryFile(file, "a slide's file");
    const handle = openSync(file, "r");
    try {
      const bytes = Buffer.alloc(512);
      return bytes.toString("latin1", 0, readSync(handle, bytes, 0, bytes.length, 0));
    } finally {
      closeSync(handle);
    }
  } catch (error) {
    if (error instanceof UserError) throw error;
    throw new UserError(`${file}: cannot be read: ${reason(error)}; check the path`);
  }
}

const JPEG_2000 = [33_003, 33_005];

/** The format of a tiled or a scanner's TIFF; null: a plain image. Throws a UserError for fluorescence. */
export function tiffFormat(file: string, directories: readonly TiffDirectory[]): SlideFormat | null {
  const [head] = directories;
  const description = head.text(tags.description);
  const software = head.text(tags.software);
  const tiled = directories.find((directory) => directory.count(tags.tileOffsets) > 0);
  if (head.count(tags.hamamatsu) > 0) return byOpenSlide("Hamamatsu NDPI", "hamamatsu");
  if (/www\.leica-microsystems\.com\/scn\//.test(description)) return byOpenSlide("Leica SCN", "leica");
  if (directories.some((directory) => /<iScan\b/.test(directory.text(tags.xmp)))) return byOpenSlide("Ventana BIF", "ventana");
  if (/^Philips/.test(software)) return byOpenSlide("Philips TIFF", "philips");
  if (/^MedScan/.test(software)) return byOpenSlide("Trestle TIFF", "trestle");
  requireBrightfield(file, head);
  const turned = (head.values(tags.orientation)[0] ?? 1) !== 1; // rare; the reader of flat images turns it
  if (tiled === undefined || turned) return null;
  if (/^Aperio/.test(description)) {
    if (JPEG_2000.includes(tiled.values(tags.compression)[0])) return byOpenSlide("Aperio SVS (JPEG 2000)", "aperio");
    return { format: "Aperio SVS", vendor: "aperio", reader: "tiff" };
  }
  if (isOme(description)) return { format: "OME-TIFF", vendor: null, reader: "tiff" };
  return { format: "tiled TIFF", vendor: null, reader: "tiff" };
}

const isOme = (description: string): boolean => /<(?:\w+:)?OME\b/.test(description);

/** Throws a UserError for fluorescence: a page of grey for each channel, or for each of several planes. */
function requireBrightfield(file: string, head: TiffDirectory): void {
  const description = head.text(tags.description);
  if (!isOme(description)) return;
  const pixels = /<(?:\w+:)?Pixels\b[^>]*>/.exec(description)?.[0] ?? "";
  const [channels, planes, times] = ["SizeC", "SizeZ", "SizeT"].map((name) =>
    Number(new RegExp(`\\s${name}="(\\d+)"`).exec(pixels)?.[1] ?? 1),
  );
  const samples = head.values(tags.samplesPerPixel)[0] ?? 1;
  if (channels > samples)
    throw new UserError(`${file}: is a fluorescence image of ${channels} channels; a slide has RGB: export one as 8-bit RGB`);
  if (planes > 1 || times > 1)
    throw new UserError(`${file}: has ${planes} planes and ${times} times; a slide has one: export the one that counts`);
}
