// Parsers for options that are not settings, which read as settings do.

import { InvalidArgumentError } from "commander";
import type { Keep } from "../../data/sparsify.ts";
import * as setting from "../../settings/setting.ts";
import { parser } from "./settings.ts";

/** A parser of whole numbers from `least` to `most`. */
export const whole = (least: number, most?: number) => parser(setting.whole(least, "", [least, most]));

/** A parser of numbers from `least` to `most`. */
export const between = (least: number, most?: number) => parser(setting.number(least, "", [least, most]));

/** Parses a number above 0. */
export function positive(text: string): number {
  const value = text.trim() === "" ? Number.NaN : Number(text);
  if (Number.isFinite(value) && value > 0) return value;
  throw new InvalidArgumentError("It must be a number above 0.");
}

/** Parses a retention rate. */
export function parseRate(text: string): Keep {
  const rate = text.trim() === "" ? Number.NaN : Number(text);
  if (text === "one-per-image") return text;
  if (rate > 0 && rate <= 1) return rate;
  throw new InvalidArgumentError("It must be a rate in (0, 1], or one-per-image.");
}

/** Parses the sides of a window: one number, or two. */
export function parseSides(text: string): { width: number; height: number } {
  const match = /^([1-9]\d{0,4})(?:[x×]([1-9]\d{0,4}))?$/i.exec(text);
  if (!match) throw new InvalidArgumentError("It must be pixels or WIDTHxHEIGHT, for instance 512 or 640x480.");
  return { width: Number(match[1]), height: Number(match[2] ?? match[1]) };
}
