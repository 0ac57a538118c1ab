// What a user decides of a stored picture that could be read in more than one way: which page, which channels, which values
// become 0 to 255. One form for options, annotations.json and model files.

import { isObject, shown } from "../files/json/value.ts";

/** How a picture is read whose file leaves it open; the rule is in docs/how-to/pixels.md. */
export interface PixelChoice {
  /** Counted from 1. */
  readonly page?: number;
  /** One channel (grey), or three as red, green and blue; counted from 1. Of an image of one-channel pages: pages. */
  readonly channels?: readonly number[];
  /** The values that become 0 and 255: numbers ("0:4095"), or percentiles of each image ("1%:99.8%"). 8 bits stay as stored. */
  readonly range?: string;
}

export interface ValueRange {
  readonly low: number;
  readonly high: number;
  /** `low` and `high` are percentiles of the image, not values. */
  readonly percentiles: boolean;
}

const NUMBER = "-?\\d+(?:\\.\\d+)?(?:[eE][+-]?\\d+)?";
const RANGE = new RegExp(`^(${NUMBER})(%?):(${NUMBER})(%?)$`);

/** Null when `text` is not a range: two numbers, or two percentiles of 0 to 100, the smaller first. */
export function parseRange(text: string): ValueRange | null {
  const match = RANGE.exec(text);
  if (match === null || match[2] !== match[4]) return null;
  const [low, high, percentiles] = [Number(match[1]), Number(match[3]), match[2] === "%"];
  if (!(low < high) || !Number.isFinite(high - low) || (percentiles && (low < 0 || high > 100))) return null;
  return { low, high, percentiles };
}

/** One or three channels, counted from 1. */
export const isChannels = (value: unknown): value is number[] =>
  Array.isArray(value) && (value.length === 1 || value.length === 3) && value.every((n) => Number.isSafeInteger(n) && n >= 1);

/** A choice from JSON. `fault` makes the error about one of its keys; null: about the whole. */
export function pixelChoiceFrom(value: unknown, fault: (key: string | null, message: string) => Error): PixelChoice {
  if (!isObject(value)) throw fault(null, `expected an object with page, channels or range, got ${shown(value)}`);
  const { page, channels, range, ...others } = value;
  for (const key in others) throw fault(key, "is an unknown key; correct or remove it (known: page, channels, range)");
  if (page !== undefined && !(Number.isSafeInteger(page) && (page as number) >= 1))
    throw fault("page", `expected a whole number from 1 on, got ${shown(page)}`);
  if (channels !== undefined && !isChannels(channels))
    throw fault("channels", `expected one or three numbers from 1 on, got ${shown(channels)}`);
  if (range !== undefined && (typeof range !== "string" || parseRange(range) === null))
    throw fault("range", `expected text such as "0:4095" or "1%:99.8%", got ${shown(range)}`);
  return choiceOf({ page: page as number | undefined, channels, range });
}

/** Without the keys that say nothing, always in the same order. */
export const choiceOf = ({
  page,
  channels,
  range,
}: { [key in keyof PixelChoice]: PixelChoice[key] | undefined }): PixelChoice => ({
  ...(page === undefined ? {} : { page }),
  ...(channels === undefined ? {} : { channels }),
  ...(range === undefined ? {} : { range }),
});

/** In words: "page 2, channels 1,2,3, values 0:4095 as 0 to 255"; null when nothing was chosen. */
export function choiceText({ page, channels, range }: PixelChoice): string | null {
  const parts = [
    ...(page === undefined ? [] : [`page ${page}`]),
    ...(channels === undefined ? [] : [`${channels.length === 1 ? "channel" : "channels"} ${channels.join(",")}`]),
    ...(range === undefined ? [] : [`values ${range} as 0 to 255`]),
  ];
  return parts.length === 0 ? null : parts.join(", ");
}

/** How many images are read how, one line each: "page 2 (12 images)"; without those of which nothing was chosen. */
export function choiceLines(images: Iterable<{ readonly pixels?: PixelChoice }>): string[] {
  const counts = new Map<string, number>();
  for (const { pixels = {} } of images) {
    const text = choiceText(pixels);
    if (text !== null) counts.set(text, (counts.get(text) ?? 0) + 1);
  }
  return [...counts].map(([text, count]) => `${text} (${count} ${count === 1 ? "image" : "images"})`);
}

/** What all of several images' choices agree on, for pictures of the same kind; an image that has no choice is no objection. */
export function commonChoice(choices: Iterable<PixelChoice | undefined>): PixelChoice {
  const seen = {
    page: new Map<string, PixelChoice>(),
    channels: new Map<string, PixelChoice>(),
    range: new Map<string, PixelChoice>(),
  };
  for (const choice of choices)
    for (const key of ["page", "channels", "range"] as const)
      if (choice?.[key] !== undefined) seen[key].set(String(choice[key]), choice);
  const only = (key: keyof typeof seen) => (seen[key].size === 1 ? [...seen[key].values()][0] : undefined);
  return choiceOf({ page: only("page")?.page, channels: only("channels")?.channels, range: only("range")?.range });
}
