// The one rule from a stored picture to 8-bit RGB. What a file leaves open is refused with the option that decides.
//
// Page     the only one, or the largest when all others are smaller copies of it (a pyramid, a thumbnail) or masks; otherwise
//          `page` decides.
// Channels grey becomes RGB; a palette, CMYK, YCbCr and Lab are converted; opacity that the file declares is laid on white. RGB
//          is RGB whatever follows it. Several channels without a colour are left to `channels`; so are one-channel pages.
// Range    8 bits stay as stored; fewer are stretched over 8. Of 16 bits the upper 8 count, unless the file records that it
//          uses fewer bits, which are then stretched. 16 bits of which the uppermost is never used, signed numbers, floats and
//          32 bits are left to `range`. White may be zero.

import { UserError } from "../errors.ts";
import { MOST_CHANNELS } from "./decoder.ts";
import type { PixelChoice } from "./pixel-choice.ts";
import type { StoredPage, StoredPicture } from "./stored-picture.ts";

/** How a picture is read. */
export interface Reading {
  /** The page, from 0; with channels in pages, the page of each channel. */
  readonly pages: readonly number[];
  readonly page: StoredPage;
  /** The samples that become grey (1) or red, green and blue (3), from 0; null: the decoder makes RGB of the page. */
  readonly channels: readonly number[] | null;
  /** More than 8 bits, signed or float, in grey or RGB: a range of values becomes 0 to 255. */
  readonly deep: boolean;
  /** The range that is chosen or recorded; null when the values themselves must tell. */
  readonly range: string | null;
  /** The range is the file's, so that its values may contradict it. */
  readonly recorded: boolean;
  /** Samples that are left out: neither colour nor declared as opacity. */
  readonly leftOut: number;
}

/** Throws a UserError when the picture leaves open what the choice does not say, and when it has no such page or channel. */
export function readingOf(file: string, picture: StoredPicture, choice: PixelChoice): Reading {
  const pages = pagesOf(file, picture, choice);
  const page = picture.pages[pages[0]];
  const { meaning, samples, colours, alpha, bits, format, bitsUsed } = page;
  requireReadable(file, page);
  const deep = meaning !== "decoded" && (bits > 8 || format !== "unsigned");
  const range = deep ? (choice.range ?? (bitsUsed === null ? null : `0:${2 ** bitsUsed - 1}`)) : null;
  if (deep && range === null && !(bits === 16 && format === "unsigned"))
    throw new UserError(
      `${file}: has ${format === "float" ? "float" : `${bits}-bit ${format}`} pixels, whose range is unknown; choose the values that become 0 to 255, such as --range 0:${format === "float" ? 1 : 4095}, or percentiles of each image: --range 1%:99%`,
    );
  const reading = { pages, page, deep, range, recorded: range !== null && choice.range === undefined, leftOut: 0 };
  const { channels } = choice;
  if (pages.length > 1) return { ...reading, channels: pages.map(() => 0) };
  if (channels !== undefined && !channelsArePages(picture, choice)) return { ...reading, channels: chosen(file, page, channels) };
  const further = samples - colours;
  if (further === 0 || (further === 1 && alpha)) return { ...reading, channels: null };
  if (meaning === "rgb" && !alpha) return { ...reading, channels: [0, 1, 2], leftOut: further };
  if (meaning === "decoded")
    throw new UserError(`${file}: has ${further} ${plural(further, "channel")} beside its colours; save it as grey or RGB`);
  throw new UserError(
    `${file}: has ${samples} channels that are not declared as colours or opacity; choose one, such as --channels 1, or three as red, green and blue: --channels ${samples >= 3 ? "1,2,3" : "1,2,2"}`,
  );
}

/** Whether a page's number, counted from 0, is that of a smaller copy of a larger page, or of a mask. */
function copies(pages: readonly StoredPage[]): boolean[] {
  const candidates = pages.filter(({ reduced }) => !reduced);
  const largest = (candidates.length > 0 ? candidates : pages).reduce((a, b) =>
    b.width * b.height > a.width * a.height ? b : a,
  );
  return pages.map((page) => page !== largest && (page.reduced || isSmaller(page, largest)));
}

/** The pages, from 0, that are no smaller copies of a larger one, and no masks; at least one. */
export const wholePages = ({ pages }: StoredPicture): number[] => copies(pages).flatMap((copy, i) => (copy ? [] : [i]));

/** The same picture in at most two thirds of its width and height, to a pixel. */
function isSmaller(page: StoredPage, largest: StoredPage): boolean {
  if (page.meaning !== largest.meaning || page.samples !== largest.samples || page.bits !== largest.bits) return false;
  const scale = page.width / largest.width;
  return scale < 0.67 && Math.abs(page.height - largest.height * scale) <= 1 + page.height / page.width;
}

function pagesOf(file: string, picture: StoredPicture, choice: PixelChoice): number[] {
  const { pages, count } = picture;
  if (choice.page !== undefined) return [requirePage(file, picture, choice.page)];
  const whole = wholePages(picture);
  if (whole.length === 1 && count === pages.length) return whole;
  if (channelsArePages(picture, choice)) {
    const numbers = (choice.channels as readonly number[]).map((number) => requirePage(file, picture, number));
    const { width, height, bits } = pages[numbers[0]];
    for (const i of numbers)
      if (pages[i].width !== width || pages[i].height !== height || pages[i].bits !== bits)
        throw new UserError(`${file}: its pages ${choice.channels?.join(", ")} differ in size or depth; choose one with --page`);
    return numbers;
  }
  const { width, height, samples } = pages[whole[0]];
  const channels = samples === 1 && count > 2 ? ", or three as red, green and blue: --channels 1,2,3" : "";
  throw new UserError(
    `${file}: has ${Math.max(count, whole.length)} pages (${width}×${height} pixels, ${samples} ${plural(samples, "channel")}): a stack, or channels in pages; choose one, such as --page 1${channels}`,
  );
}

/** Several whole pages of one channel each, of which no page is chosen: `channels` counts them. */
function channelsArePages(picture: StoredPicture, { page, channels }: PixelChoice): boolean {
  const { pages, count } = picture;
  if (channels === undefined || page !== undefined || count < 2) return false;
  const whole = wholePages(picture);
  return (whole.length > 1 || count > pages.length) && whole.every((i) => pages[i].samples === 1);
}

function requirePage(file: string, { pages, count }: StoredPicture, number: number): number {
  if (number <= pages.length) return number - 1;
  const has = `has ${count} ${plural(count, "page")}`;
  if (number <= count) throw new UserError(`${file}: ${has}, of which only page 1 has a directory; save it again as OME-TIFF`);
  throw new UserError(
    `${file}: ${has}, but page ${number} is to be read; ${count === 1 ? "leave out --page, or import the files of several pages by themselves" : "choose another with --page"}`,
  );
}

function chosen(file: string, { meaning, colours, samples }: StoredPage, channels: readonly number[]): number[] {
  const count = meaning === "decoded" ? (colours === 4 ? 0 : 3) : samples;
  if (count === 0)
    throw new UserError(`${file}: is CMYK, of which no channel can be chosen; leave out --channels or save it as RGB`);
  for (const channel of channels)
    if (channel > count)
      throw new UserError(
        `${file}: has ${count} ${plural(count, "channel")}, but channel ${channel} is to be read; choose others with --channels`,
      );
  return channels.map((channel) => channel - 1);
}

function requireReadable(file: string, { bits, format, samples }: StoredPage): void {
  if (samples > MOST_CHANNELS)
    throw new UserError(
      `${file}: has ${samples} channels, and at most ${MOST_CHANNELS} can be read; save the ones that count, or one page a channel`,
    );
  if (![1, 2, 4, 8, 16, 32].includes(bits) || (format === "float" && bits !== 32))
    throw new UserError(
      `${file}: has ${bits}-bit ${format === "float" ? "float" : "whole"} numbers; save it with 8 or 16 bits, or as 32-bit floats`,
    );
}

/**
 * Whether the greatest of its values fits the range that no choice gives: throws a UserError when it is beyond the recorded
 * one, and when the uppermost of 16 bits is not used, since no file records how many its camera uses.
 */
export function requireRange(file: string, { range, page }: Pick<Reading, "range" | "page">, greatest: number): void {
  const most = 2 ** page.bits - 1;
  const bits = Math.max(8, Math.ceil(Math.log2(greatest + 1)));
  const remedy = `choose the values that become 0 to 255: --range 0:${2 ** bits - 1} (${bits} bits), or percentiles of each image, --range 1%:99%`;
  if (range !== null) {
    if (greatest <= Number(range.split(":")[1])) return;
    throw new UserError(`${file}: says that it uses ${page.bitsUsed} bits, but its greatest value is ${greatest}; ${remedy}`);
  }
  if (greatest === 0 || greatest > most / 2) return;
  throw new UserError(
    `${file}: its greatest value is ${greatest} of ${most}, which would be ${greatest >> 8} of 255; ${remedy}; --range ${FULL_RANGE} takes it as stored`,
  );
}

/** 16 bits whose upper 8 count: the decoder's way, without any stretching. */
export const FULL_RANGE = "0:65535";

const plural = (n: number, noun: string): string => (n === 1 ? noun : `${noun}s`);
