// Which pixels of an overview are tissue, at about 8 µm a pixel. Stained tissue takes more light of one colour than of another,
// however pale it is; what lies on the glass or frames it (rims of bubbles, edges of glass, dust, black borders, black ink) takes
// all colours alike. So the measure is the difference between the greatest and the least optical density of the three colours,
// above that of the glass. Blue and green ink take much more red than green or blue; haematoxylin takes as much green as red.

import { DENSITIES } from "../data/augment/stain.ts";
import type { RgbImage } from "../data/image-file.ts";
import { raw, rgbOf } from "../data/raw-image.ts";
import type { Sides } from "../data/working-resolution.ts";
import { closed, emptyMask, grown, type Mask, put, shrunk } from "./mask.ts";
import { filled, type Piece, piecesWhere } from "./mask-pieces.ts";

/** Least differences of density of tissue, and of what a piece of it has somewhere. */
const [WEAK, STRONG] = [0.016, 0.04];
/** The part of a piece that is strong. */
const STRONG_SHARE = 0.02;
/** Below this part of the mean density, a difference is no colour. */
const GREY = 0.2;
const INK_DENSITY = 0.35;
const BLACK_DENSITY = 0.6;
/** Pixels around ink in which its edge is looked for. */
const INK_REACH = 6;
/** Gaps of the tissue that are closed, pieces that are thin everywhere (fibres), the margin around what is left: radii in pixels. */
const [GAP, THIN, MARGIN] = [3, 3, 1];
/** Holes that are filled (lumens, fat), and pieces that are dropped, in pixels: at 8 µm, 0.05 and 0.01 mm². */
const [HOLE, SPECK] = [780, 156];

/** The mask of an overview of that size, which comes in bands of rows from top to bottom. */
export async function tissueMask(size: Sides, overview: AsyncIterable<RgbImage>): Promise<Mask> {
  const bands: RgbImage[] = [];
  for await (const band of smoothed(overview)) bands.push(band);
  const { weak, strong } = withoutInk(size, bands, glassColour(bands));
  const joined = filled(closed(weak, GAP), HOLE);
  const wide = shrunk(filled(closed(weak, 1), SPECK), THIN);
  const isTissue = ({ pixels, within: [inWide, inStrong] }: Piece): boolean =>
    pixels >= SPECK && inWide > 0 && inStrong >= STRONG_SHARE * pixels;
  return filled(grown(piecesWhere(joined, isTissue, [wide, strong]), MARGIN), HOLE);
}

const REACH = 4; // rows above and below on which a smoothed one may depend; it does on fewer

/** Each band smoothed with the nearest rows of its neighbours, as in one picture. */
async function* smoothed(bands: AsyncIterable<RgbImage>): AsyncGenerator<RgbImage> {
  let above: RgbImage | undefined;
  let band: RgbImage | undefined;
  for await (const below of bands) {
    if (band) yield await smoothedBand(band, above, below);
    [above, band] = [band, below];
  }
  if (band) yield await smoothedBand(band, above);
}

async function smoothedBand(band: RgbImage, above?: RgbImage, below?: RgbImage): Promise<RgbImage> {
  const line = 3 * band.width;
  const before = above?.data.subarray(-REACH * line) ?? new Uint8Array(0);
  const after = below?.data.subarray(0, REACH * line) ?? new Uint8Array(0);
  const rows = Buffer.concat([before, band.data, after]);
  const { data } = await rgbOf(raw({ width: band.width, height: rows.length / line, data: rows }).blur(1));
  return { ...band, data: data.subarray(before.length, before.length + band.data.length) };
}

type Rgb = readonly [number, number, number];

/** How much darker than the brightest the red and the blue of glass can be, in levels of 255, and how dark the brightest. */
const [RED_TINT, BLUE_TINT, DARKEST] = [10, 24, 200];

/**
 * The colour of empty glass: the middle of what is close to the brightest hundredth, as far as glass can have it (yellow, or a
 * little blue, but not pink), for a slide may have no glass. White that is no glass (a scanner fills with it what it has not seen)
 * does not count.
 */
function glassColour(bands: readonly RgbImage[]): Rgb {
  const counts = [0, 1, 2].map(() => new Uint32Array(256));
  for (const { data } of bands) {
    const isSeen = (i: number): boolean => data[i] < 254 || data[i + 1] < 254 || data[i + 2] < 254;
    for (let i = 0; i < data.length; i += 3) if (isSeen(i)) for (let c = 0; c < 3; c++) counts[c][data[i + c]]++;
  }
  const bright = counts.map((values) => quantile(values, 0.99));
  const most = Math.max(...bright);
  if (most < DARKEST) return [255, 255, 255];
  const [r, g, b] = counts.map((values, c) => {
    const from = Math.max(0, bright[c] - 8);
    return from + quantile(values.subarray(from, bright[c] + 9), 0.5);
  });
  const [red, blue] = [Math.max(r, most - RED_TINT), Math.max(b, most - BLUE_TINT)];
  return [red, Math.max(g, Math.min(red, blue)), blue];
}

/** The value below which a part of what is counted lies. */
function quantile(counts: Uint32Array, part: number): number {
  let left = part * counts.reduce((sum, count) => sum + count, 0);
  for (const [value, count] of counts.entries()) {
    left -= count;
    if (left <= 0) return value;
  }
  return counts.length - 1;
}

/** What has the colour of tissue, weakly and strongly. */
function withoutInk(size: Sides, bands: readonly RgbImage[], glass: Rgb): { weak: Mask; strong: Mask } {
  const zero = glass.map((value) => DENSITIES[value]);
  const [weak, strong, ink, inky] = Array.from({ length: 4 }, () => emptyMask(size));
  let top = 0;
  for (const { width, height, data } of bands) {
    for (let pixel = 0, i = 0; pixel < width * height; pixel++, i += 3) {
      const [x, y] = [pixel % width, top + Math.floor(pixel / width)];
      const r = Math.max(0, DENSITIES[data[i]] - zero[0]);
      const g = Math.max(0, DENSITIES[data[i + 1]] - zero[1]);
      const b = Math.max(0, DENSITIES[data[i + 2]] - zero[2]);
      const mean = (r + g + b) / 3;
      const difference = Math.max(r, g, b) - Math.min(r, g, b);
      const isGrey = difference < GREY * mean;
      const isBlue = g < 0.8 * r && b < 0.35 * r;
      const isGreen = g < 0.6 * r && g <= b;
      if (r >= INK_DENSITY ? isBlue || isGreen : false) put(ink, x, y);
      if (isGrey && mean >= BLACK_DENSITY) put(ink, x, y);
      if (difference < 0.3 * mean || (r > 1.1 * g && r >= b)) put(inky, x, y);
      if (isGrey || difference < WEAK) continue;
      put(weak, x, y);
      if (difference >= STRONG) put(strong, x, y);
    }
    top += height;
  }
  const reach = grown(ink, INK_REACH).words;
  for (let i = 0; i < reach.length; i++) {
    const rest = ~(ink.words[i] | (reach[i] & inky.words[i]));
    weak.words[i] &= rest;
    strong.words[i] &= rest;
  }
  return { weak, strong };
}
