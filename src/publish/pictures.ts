// Pictures for pages: smaller JPEGs of images, sections of them, and PNGs of figures. sharp is a native library, which only a
// command that writes pictures should load.

import type { RgbImage } from "../data/image-file.ts";

const loadSharp = async () => (await import("sharp")).default;

/** A JPEG whose longer side has at most `longest` pixels; never enlarged. */
export async function thumbnail({ width, height, data }: RgbImage, longest: number): Promise<Uint8Array> {
  const sharp = await loadSharp();
  return sharp(data, { raw: { width, height, channels: 3 } })
    .resize({ width: longest, height: longest, fit: "inside", withoutEnlargement: true })
    .jpeg({ quality: 80, mozjpeg: true })
    .toBuffer();
}

interface Section {
  readonly left: number;
  readonly top: number;
  readonly width: number;
  readonly height: number;
}

/** A JPEG of a section of an image. */
export async function sectionPicture(image: RgbImage, { left, top, width, height }: Section): Promise<Uint8Array> {
  const sharp = await loadSharp();
  return sharp(image.data, { raw: { width: image.width, height: image.height, channels: 3 } })
    .extract({ left, top, width, height })
    .jpeg({ quality: 85 })
    .toBuffer();
}

/** A PNG of an SVG, with `scale` pixels for one of the SVG. */
export async function pngOf(svg: string, scale: number): Promise<Uint8Array> {
  const sharp = await loadSharp();
  return sharp(Buffer.from(svg), { density: 72 * scale })
    .png()
    .toBuffer();
}

/** A JPEG in pale grey, to lay colours on. */
export async function greyPicture({ width, height, data }: RgbImage): Promise<Uint8Array> {
  const sharp = await loadSharp();
  return sharp(data, { raw: { width, height, channels: 3 } })
    .greyscale()
    .linear(0.6, 102)
    .jpeg({ quality: 80, mozjpeg: true })
    .toBuffer();
}

/** A PNG of pixels with opacity. */
export async function pngOfPixels({
  width,
  height,
  rgba,
}: {
  width: number;
  height: number;
  rgba: Uint8Array;
}): Promise<Uint8Array> {
  const sharp = await loadSharp();
  return sharp(rgba, { raw: { width, height, channels: 4 } })
    .png()
    .toBuffer();
}
