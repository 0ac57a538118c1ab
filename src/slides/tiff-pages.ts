// Which pages of a tiled TIFF are the levels of a slide. Thumbnail, label and macro are pages too: they are not tiled, or have
// other sides.

import { type TiffDirectory, tags } from "../data/tiff-directories.ts";
import { UserError } from "../errors.ts";
import { isCopy } from "./levels.ts";

/** A page as the slide's reader needs it. */
export interface TiledPage {
  readonly directory: TiffDirectory;
  /** Its place in the chain of directories, and among the SubIFDs of that one; null: it is that one. */
  readonly page: number;
  readonly subIfd: number | null;
  readonly width: number;
  readonly height: number;
  readonly tile: { readonly width: number; readonly height: number };
  readonly compression: number;
}

const first = (directory: TiffDirectory, tag: number, fallback: number): number => directory.values(tag)[0] ?? fallback;

const isTiled = (directory: TiffDirectory): boolean => directory.count(tags.tileOffsets) > 0;

/** The largest tiled page and its smaller copies, in falling order; empty when no page is tiled. */
export function levelPages(file: string, directories: readonly TiffDirectory[]): TiledPage[] {
  const chain = directories.flatMap((directory, page) => tiledPage(directory, page, null));
  const whole = chain.filter(({ directory }) => (first(directory, tags.newSubfileType, 0) & 5) === 0);
  if (whole.length === 0) return [];
  const main = whole.reduce((a, b) => (b.width * b.height > a.width * a.height ? b : a));
  const children = main.directory.children().flatMap((directory, i) => tiledPage(directory, main.page, i));
  const alike = ({ directory }: TiledPage) =>
    first(directory, tags.samplesPerPixel, 1) === first(main.directory, tags.samplesPerPixel, 1) &&
    (first(directory, tags.newSubfileType, 0) & 4) === 0; // 4: a mask
  const copies = [...chain, ...children].filter((page) => page !== main && alike(page) && isCopy(main, page));
  const sorted = [main, ...copies.sort((a, b) => b.width - a.width)];
  const levels = sorted.filter((page, i) => i === 0 || page.width < sorted[i - 1].width);
  for (const level of levels) requirePage(file, level);
  return levels;
}

function tiledPage(directory: TiffDirectory, page: number, subIfd: number | null): TiledPage[] {
  if (!isTiled(directory)) return [];
  const [width, height, across, down] = [tags.width, tags.height, tags.tileWidth, tags.tileHeight].map((tag) =>
    first(directory, tag, 0),
  );
  const compression = first(directory, tags.compression, 1);
  return [{ directory, page, subIfd, width, height, tile: { width: across, height: down }, compression }];
}

const LONGEST_SIDE = 10_000_000; // libvips reads no more
const LARGEST_TILE = 4096 * 4096;
const PHOTOMETRICS = [1, 2, 6]; // grey with black as zero, RGB, YCbCr
/** None, LZW, JPEG, Deflate (two numbers), PackBits. */
const COMPRESSIONS = [1, 5, 7, 8, 32_773, 32_946];
const NAMES: { readonly [compression: number]: string } = {
  3: "CCITT",
  4: "CCITT",
  6: "old-style JPEG",
  33003: "JPEG 2000",
  33005: "JPEG 2000",
  34712: "JPEG 2000",
  34887: "LERC",
  34925: "LZMA",
  50000: "Zstandard",
  50001: "WebP",
  50002: "JPEG XL",
};

export const damagedSlide = (file: string, what: string): UserError =>
  new UserError(`${file}: cannot be read: ${what}; it may be damaged or cut off; copy or export it again`);

/** Throws a UserError when a page cannot be a level: damaged, or of pixels that are not 8-bit colours. */
function requirePage(file: string, { directory, width, height, tile, compression }: TiledPage): void {
  const damaged = (what: string) => damagedSlide(file, what);
  const lengths = [width, height, tile.width, tile.height];
  if (!lengths.every((length) => Number.isInteger(length) && length >= 1 && length <= LONGEST_SIDE))
    throw damaged(`it claims ${width}×${height} pixels in tiles of ${tile.width}×${tile.height}`);
  if (tile.width * tile.height > LARGEST_TILE) throw damaged(`its tiles have ${tile.width}×${tile.height} pixels`);
  const planes = first(directory, tags.planarConfiguration, 1) === 2 ? first(directory, tags.samplesPerPixel, 1) : 1;
  const tiles = planes * Math.ceil(width / tile.width) * Math.ceil(height / tile.height);
  const [offsets, sizes] = [tags.tileOffsets, tags.tileByteCounts].map((tag) => directory.count(tag));
  if (offsets !== tiles || sizes !== tiles)
    throw damaged(`${width}×${height} pixels have ${tiles} tiles, but it lists ${Math.min(offsets, sizes)}`);
  if (!COMPRESSIONS.includes(compression))
    throw new UserError(
      `${file}: its tiles are compressed by ${NAMES[compression] ?? `method ${compression}`}, which cannot be read; convert it to JPEG tiles, such as: vips tiffsave IN OUT --tile --pyramid --compression jpeg`,
    );
  const [samples, photometric] = [first(directory, tags.samplesPerPixel, 1), first(directory, tags.photometric, 1)];
  const bits = directory.values(tags.bitsPerSample);
  if (bits.some((each) => each !== 8) || first(directory, tags.sampleFormat, 1) === 3)
    throw new UserError(`${file}: has pixels of ${bits[0]} bits; slides have 8: export it as 8-bit RGB`);
  if (!PHOTOMETRICS.includes(photometric) || ![1, 3, 4].includes(samples))
    throw new UserError(`${file}: has ${samples} channels of photometric interpretation ${photometric}; export it as 8-bit RGB`);
}
