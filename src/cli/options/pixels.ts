// How pictures are read whose files leave it open; the rule is in data/pixels.ts.

import { InvalidArgumentError, Option } from "commander";
import { isChannels, parseRange } from "../../data/pixel-choice.ts";
import { whole } from "./values.ts";

export interface PixelOptions {
  readonly page?: number;
  readonly channels?: readonly number[];
  readonly range?: string;
}

export const pixelOptions = (): Option[] => [
  new Option("--page <n>", "of images with several pages (a stack), the page to read, from 1").argParser(whole(1, 1e6)),
  new Option(
    "--channels <list>",
    "of images with several channels or one-channel pages: one (1), or three as red, green and blue (3,1,2)",
  ).argParser(parseChannels),
  new Option(
    "--range <low:high>",
    "of images with more than 8 bits, the values that become 0 to 255 (0:4095), or percentiles of each image (1%:99%)",
  ).argParser(parseRangeText),
];

function parseChannels(text: string): number[] {
  const channels = /^\d{1,4}(,\d{1,4})*$/.test(text) ? text.split(",").map(Number) : null;
  if (isChannels(channels)) return channels;
  throw new InvalidArgumentError("It must be one number, or three such as 1,2,3, from 1 on.");
}

function parseRangeText(text: string): string {
  if (parseRange(text) !== null) return text;
  throw new InvalidArgumentError("It must be two numbers such as 0:4095, or two percentiles such as 1%:99%, the smaller first.");
}
