// libvips (https://sharp.pixelplumbing.com) opened the same way everywhere, on PNG, JPEG and TIFF files alone. No other kind of
// file reaches a decoder.

import { closeSync, openSync, readSync } from "node:fs";
import sharp, { type Metadata, type Sharp } from "sharp";
import { reason, UserError } from "../errors.ts";
import { ByteBudget } from "../files/byte-budget.ts";
import { requireOrdinaryFile } from "../files/ordinary-file.ts";

sharp.concurrency(1); // libtorch uses the cores
sharp.cache(false); // every file is read once

export const MOST_BYTES = 300_000_000; // decoded: 10000×10000 in 8-bit colour; with a copy for rotation, less than 1 GB in all
export const MOST_CHANNELS = 100;
/** Shared by all images being decoded: a large one is decoded alone. */
export const decoding = new ByteBudget(MOST_BYTES);

/** "error" refuses cut-off and damaged files; "warning" would also refuse harmless oddities in scanners' metadata. */
export function opened(file: string, limitInputPixels: number | false, page = 0): Sharp {
  const limits = { limitInputPixels, limitInputChannels: MOST_CHANNELS };
  return sharp(file, { failOn: "error", autoOrient: true, ignoreIcc: true, ...limits, ...(page > 0 ? { page } : {}) });
}

/** What libvips says of a page. Throws a UserError that names the file. */
export function headerOf(file: string, page = 0): Promise<Metadata> {
  return opened(file, false, page)
    .metadata()
    .catch((error) => {
      throw unreadable(file, error);
    });
}

export type ImageKind = "png" | "jpeg" | "tiff";

const KINDS: readonly (readonly [ImageKind, readonly string[]])[] = [
  ["png", ["\x89PNG\r\n\x1a\n"]],
  ["jpeg", ["\xff\xd8\xff"]],
  ["tiff", ["II*\0", "II+\0", "MM\0*", "MM\0+"]],
];
const OTHERS = [
  ["WebP", /^RIFF....WEBP/s],
  ["GIF", /^GIF8/],
  ["BMP", /^BM/],
  ["SVG", /^\s*<(?:svg|\?xml)/],
  ["HEIF or AVIF", /^....ftyp/s],
  ["JPEG 2000", /^....jP {2}/s],
] as const;

/** By its first bytes. Throws a UserError that names the file unless it is a PNG, JPEG or TIFF file. */
export function imageKind(file: string): ImageKind {
  let start: string;
  try {
    requireOrdinaryFile(file, "an image");
    start = firstBytes(file);
  } catch (error) {
    if (error instanceof UserError) throw error;
    throw new UserError(`${file}: cannot be read: ${reason(error)}; check the path`);
  }
  const kind = KINDS.find(([, starts]) => starts.some((signature) => start.startsWith(signature)));
  if (kind?.[0] === "png") requireOneFrame(file, start);
  if (kind) return kind[0];
  const other = OTHERS.find(([, signature]) => signature.test(start));
  if (other) throw new UserError(`${file}: is a ${other[0]} image; convert it to PNG, JPEG or TIFF`);
  throw unreadable(file, start === "" ? "it is empty" : "it is not an image");
}

/** Of a PNG only the first frame would be seen. */
function requireOneFrame(file: string, start: string): void {
  for (let at = 8; at + 8 <= start.length; ) {
    const bytes = Buffer.from(start.slice(at, at + 12), "latin1");
    const type = bytes.toString("latin1", 4, 8);
    if (type === "acTL" && bytes.length === 12 && bytes.readUInt32BE(8) > 1)
      throw new UserError(`${file}: is an animated PNG of ${bytes.readUInt32BE(8)} frames; save the frame that counts as a PNG`);
    if (type === "IDAT" || type === "acTL") return;
    at += 12 + bytes.readUInt32BE(0);
  }
}

function firstBytes(file: string): string {
  const handle = openSync(file, "r");
  try {
    const bytes = Buffer.alloc(512);
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

/** Arrays of the types that libvips gives, by its names. */
export const arrays = {
  uchar: Uint8Array,
  char: Int8Array,
  ushort: Uint16Array,
  short: Int16Array,
  uint: Uint32Array,
  int: Int32Array,
  float: Float32Array,
} as const;

export type Depth = keyof typeof arrays;
export type Values = InstanceType<(typeof arrays)[Depth]>;

/** The decoded samples as numbers of the type that they are stored in. */
export function valuesOf(data: Buffer, depth: Depth): Values {
  return new arrays[depth](data.buffer as ArrayBuffer, data.byteOffset, data.length / arrays[depth].BYTES_PER_ELEMENT);
}
