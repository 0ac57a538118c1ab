// A smaller JPEG of an image, for pages that hold their pictures.

import type { RgbImage } from "../../data/image-file.ts";

/** JPEG whose longer side has at most `longest` pixels; never enlarged. */
export async function thumbnail({ width, height, data }: RgbImage, longest: number): Promise<Uint8Array> {
  const { default: sharp } = await import("sharp"); // a native library, which only a command that writes images should load
  return sharp(data, { raw: { width, height, channels: 3 } })
    .resize({ width: longest, height: longest, fit: "inside", withoutEnlargement: true })
    .jpeg({ quality: 80, mozjpeg: true })
    .toBuffer();
}
