// Decoded pixels into libvips and back.

import sharp, { type Sharp } from "sharp";
import type { RgbImage } from "./image-file.ts";

/** Decoded pixels as libvips takes them. */
export const raw = ({ width, height, data }: RgbImage): Sharp => sharp(data, { raw: { width, height, channels: 3 } });

/** The pixels of an RGB picture of 8 bits. (`toUint8Array` of sharp 0.35.5 would never free what libvips gave.) */
export async function rgbOf(picture: Sharp): Promise<RgbImage> {
  const { data, info } = await picture.raw().toBuffer({ resolveWithObject: true });
  if (info.channels !== 3) throw new Error(`expected 3 channels, got ${info.channels}`);
  return { width: info.width, height: info.height, data: new Uint8Array(data.buffer, data.byteOffset, data.length) };
}
