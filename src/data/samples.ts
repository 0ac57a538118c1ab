// The numbers of a picture as stored, and their way to 8 bits, where the decoder's own way does not do: chosen channels, pages
// as channels, a range that is not that of the depth.

import { UserError } from "../errors.ts";
import { arrays, type Depth, headerOf, MOST_BYTES, opened, unreadable, type Values, valuesOf } from "./decoder.ts";
import { parseRange } from "./pixel-choice.ts";
import type { Reading } from "./pixels.ts";
import type { Meaning, StoredPage } from "./stored-picture.ts";

/** One channel of a picture: `values[i * step + from]` is pixel i. */
export interface Channel {
  readonly width: number;
  readonly height: number;
  readonly values: Values;
  readonly from: number;
  readonly step: number;
}

/** The channels that a reading takes; opacity last where it counts. White that is zero stays so. */
export interface Samples {
  readonly channels: readonly Channel[];
  readonly opacity: Channel | null;
}

/** Decodes what `reading` takes. Throws a UserError that names the file. */
export async function samplesOf(file: string, { pages, page, channels, deep }: Reading): Promise<Samples> {
  const numbers = channels ?? (page.colours === 3 ? [0, 1, 2] : [0]);
  const wanted = numbers.map((number, i) => ({ page: pages[i] ?? pages[0], number }));
  const opaque = channels !== null || !page.alpha || !deep;
  if (!opaque && page.bits !== 16)
    throw new UserError(
      `${file}: has an opacity of ${page.bits} bits; choose the channels without it: --channels ${numbers.map((n) => n + 1)}`,
    );
  const decoded = new Map<number, Decoded>();
  for (const number of new Set(pages)) decoded.set(number, await decodedPage(file, number, page.meaning));
  const channelOf = (place: { page: number; number: number }): Channel => {
    const { first, ...channel } = decoded.get(place.page) as Decoded;
    const from = first + place.number;
    if (from >= channel.step) throw unreadable(file, new Error(`it has ${channel.step - first} channels`));
    return { ...channel, from };
  };
  return { channels: wanted.map(channelOf), opacity: opaque ? null : channelOf({ page: pages[0], number: page.colours }) };
}

/** A page with all of its channels side by side, the first at `first`. */
interface Decoded extends Omit<Channel, "from"> {
  readonly page: number;
  readonly first: number;
}

async function decodedPage(file: string, page: number, meaning: Meaning): Promise<Decoded> {
  const header = await headerOf(file, page);
  const [space, depth] = meaning === "decoded" ? ["srgb", "uchar"] : [header.space as string, header.depth];
  if (!(depth in arrays)) throw new UserError(`${file}: has ${depth} pixels; save it with 8 or 16 bits`);
  const several = space === "b-w" && header.channels > 1; // of "b-w" sharp keeps the first alone; as "srgb" it stands there three times
  try {
    const { data, info } = await opened(file, MOST_BYTES / 3, page)
      .toColourspace(several ? "srgb" : space)
      .raw({ depth: depth as Depth })
      .toBuffer({ resolveWithObject: true });
    const { width, height, channels: step } = info;
    return { page, first: several ? 2 : 0, width, height, step, values: valuesOf(data, depth as Depth) };
  } catch (error) {
    throw unreadable(file, error);
  }
}

/** Of the numbers as they are stored, also where white is zero. */
export interface Measured {
  readonly least: number;
  readonly greatest: number;
  /** What 99.9 % of them do not exceed; the greatest, where they are not of 16 bits. */
  readonly nearlyAll: number;
}

/** Measures all channels together. */
export function measuredOf({ channels }: Samples, { whiteIsZero, bits, format }: StoredPage): Measured {
  const white = whiteIsZero && format === "unsigned" ? 2 ** bits - 1 : null;
  const counts = bits === 16 ? new Uint32Array(65_536) : null;
  let [least, greatest, count] = [Number.POSITIVE_INFINITY, 0, 0];
  for (const { values, from, step } of channels)
    for (let i = from; i < values.length; i += step) {
      const value = white === null ? values[i] : white - values[i];
      if (value > greatest) greatest = value;
      if (value < least) least = value;
      if (counts) counts[value]++;
      count++;
    }
  let nearlyAll = greatest;
  if (counts)
    for (let above = 0; nearlyAll > 0 && above + counts[nearlyAll] <= count / 1000; nearlyAll--) above += counts[nearlyAll];
  return { least, greatest, nearlyAll };
}

/** Red, green and blue of 0 to 255. Grey is the same in all three. */
export function toRgb(file: string, { channels, opacity }: Samples, { page, range }: Reading): Uint8Array {
  const { width, height } = channels[0];
  const rgb = new Uint8Array(3 * width * height);
  const bounds = range === null ? null : boundsOf(file, channels, { page, range });
  for (const [c, channel] of channels.entries()) {
    if (channel.width !== width || channel.height !== height) throw unreadable(file, "its channels differ in size");
    const { values, from, step } = channel;
    const [low, high] = bounds?.[c] ?? [0, 255];
    const span = high - low || 1;
    const upper = values instanceof Uint16Array && low === 0 && high === 65_535; // the upper 8 bits, as the decoder does it
    for (let i = 0, at = from; i < width * height; i++, at += step) {
      const value = values[at];
      const level = upper ? value >> 8 : Math.round(((value - low) * 255) / span);
      rgb[3 * i + c] = level > 0 ? Math.min(255, level) : 0; // also of what is no number
    }
  }
  if (channels.length === 1)
    for (let at = 0; at < rgb.length; at += 3) {
      rgb[at + 1] = rgb[at];
      rgb[at + 2] = rgb[at];
    }
  if (page.whiteIsZero && page.format !== "unsigned") for (let at = 0; at < rgb.length; at++) rgb[at] = 255 - rgb[at];
  if (opacity) layOnWhite(rgb, opacity);
  return rgb;
}

/** Low and high of each channel. Red, green and blue share their percentiles; other channels have each its own. */
function boundsOf(
  file: string,
  channels: readonly Channel[],
  { page, range }: { page: Reading["page"]; range: string },
): (readonly [number, number])[] {
  const parsed = parseRange(range);
  if (parsed === null) throw new UserError(`${file}: expected a range such as 0:4095 or 1%:99%, got ${range}`);
  const { low, high, percentiles } = parsed;
  // libvips has turned unsigned white that is zero into black: what was v is now the greatest number less v
  const most = page.whiteIsZero && page.format === "unsigned" ? 2 ** page.bits - 1 : null;
  if (!percentiles && low < 0 && page.bits === 16)
    throw new UserError(`${file}: its negative numbers cannot be read from 16 bits; save it as 32-bit floats`);
  if (!percentiles) return channels.map(() => (most === null ? [low, high] : [most - high, most - low]));
  const at = (values: Values | Float64Array) => [low, high].map((percent) => percentile(values, percent)) as [number, number];
  if (page.meaning === "rgb") {
    const shared = at(sorted(channels));
    return channels.map(() => shared);
  }
  return channels.map((channel) => at(sorted([channel])));
}

const MOST_SORTED = 250_000;

/** Numbers of the channels in order, at most a quarter of a million of them, evenly spread; without what is no number. */
function sorted(channels: readonly Channel[]): Float64Array {
  const pixels = channels[0].width * channels[0].height;
  const stride = Math.max(1, Math.ceil((pixels * channels.length) / MOST_SORTED));
  const numbers: number[] = [];
  for (const { values, from, step } of channels)
    for (let i = 0; i < pixels; i += stride) {
      const value = values[from + i * step];
      if (Number.isFinite(value)) numbers.push(value);
    }
  return Float64Array.from(numbers).sort();
}

/** Linear interpolation between order statistics, as NumPy's; 0 of nothing. */
function percentile(values: Values | Float64Array, percent: number): number {
  if (values.length === 0) return 0;
  const position = (percent / 100) * (values.length - 1);
  const below = Math.floor(position);
  return values[below] + (position - below) * (values[Math.min(below + 1, values.length - 1)] - values[below]);
}

function layOnWhite(rgb: Uint8Array, { values, from, step }: Channel): void {
  for (let i = 0, at = from; 3 * i < rgb.length; i++, at += step) {
    const opacity = values[at] / 65_535;
    for (let c = 3 * i; c < 3 * i + 3; c++) rgb[c] = Math.round(rgb[c] * opacity + 255 * (1 - opacity));
  }
}
