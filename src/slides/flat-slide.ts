// A whole image (PNG, JPEG, plain TIFF) as a slide of one level. It is decoded at the first read and kept until it is closed.

import { crop } from "../data/crop.ts";
import { headerOf, imageKind } from "../data/decoder.ts";
import { imageSize, type RgbImage, readImage } from "../data/image-file.ts";
import type { PixelChoice } from "../data/pixel-choice.ts";
import { believed } from "./microns.ts";
import type { Microns, StoredSlide } from "./slide.ts";

const FORMATS = { png: "PNG image", jpeg: "JPEG image", tiff: "TIFF image" } as const;

export async function flatSlide(path: string, choice: PixelChoice = {}): Promise<StoredSlide> {
  const format = FORMATS[imageKind(path)];
  const { width, height } = await imageSize(path, choice);
  const mpp = await recordedMicrons(path);
  let image: Promise<RgbImage> | null = null;
  return {
    path,
    reader: "flat",
    format,
    vendor: null,
    width,
    height,
    levels: [{ width, height, downsample: 1 }],
    mpp,
    tileOf: () => ({ width, height }),
    async pixels(_, part) {
      image ??= readImage(path, choice);
      const whole = await image;
      return part.width === width && part.height === height ? whole : crop(whole, part);
    },
    close() {
      image = null;
    },
  };
}

async function recordedMicrons(path: string): Promise<Microns | null> {
  const { density } = await headerOf(path); // pixels per inch
  return density === undefined ? null : believed(25_400 / density, 25_400 / density, "image resolution");
}
