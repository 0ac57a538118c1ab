// A setting is declared once, as one row: default, meaning, range and, where it has one, its command-line option. From that row
// come its type, the check of a record, the parser and help of the option, and the line of a report. Options of methods and all
// settings of training, detector and machine are made of the builders below; declarations.ts reads many rows at a time.

import { anyFlag, anyText, either, listOf, numberIn, type Shape, oneOf as valuesIn } from "../files/json/shape.ts";

export interface Setting<T> extends Extras {
  readonly default: T;
  /** What it means: "weight of background RoIs". */
  readonly about: string;
  /** The same with its range: "weight of background RoIs, 0 to 1". */
  readonly help: string;
  /** What its text must be: "a number from 0 to 1". */
  readonly expected: string;
  /** All of its values, where they can be listed. */
  readonly choices?: readonly string[];
  /** What a value in a record must be. */
  readonly shape: Shape;
  /** The value that a text stands for; undefined when there is none. */
  read(text: string): T | undefined;
  /** A value as a report shows it. */
  show(value: T): string;
}

export interface Extras {
  /** The command-line option: "--steps <n>". */
  readonly flag?: string;
  /** What the option's default is, where it depends on other things: "all cores". The command then works it out. */
  readonly auto?: string;
  /** The report's name for it; otherwise made from the field's name. */
  readonly label?: string;
  /** The first version that records it, and what earlier versions did. Their records lack it; no other record may. */
  readonly since?: { readonly version: string; readonly before: unknown };
}

/** Both ends belong to the range; without `most` it is open upwards. */
export type Range = readonly [least: number, most?: number];

/** A finite number. Texts may be fractions: "1/3". */
export function number(value: number, about: string, [least, most = Infinity]: Range, extras: Extras = {}): Setting<number> {
  return {
    default: value,
    about,
    help: `${about}, ${inWords(least, most)}`,
    expected: `a number ${fromTo(least, most)}`,
    shape: numberIn({ least, most }),
    read: (text) => [fraction(text)].find((given) => Number.isFinite(given) && given >= least && given <= most),
    show: (given) => String(Number(given.toPrecision(6))),
    ...extras,
  };
}

/** A number without a fraction. */
export function whole(value: number, about: string, range: Range, extras: Extras = {}): Setting<number> {
  const [least, most = Infinity] = range;
  const { read } = number(value, about, range);
  return {
    default: value,
    about,
    help: `${about}, whole, ${inWords(least, most)}`,
    expected: `a whole number ${fromTo(least, most)}`,
    shape: numberIn({ least, most, whole: true }),
    read: (text) => [read(text)].find(Number.isSafeInteger),
    show: String,
    ...extras,
  };
}

export function flag(value: boolean, about: string, extras: Extras = {}): Setting<boolean> {
  return {
    default: value,
    about,
    help: `${about}, true or false`,
    expected: "true or false",
    shape: anyFlag,
    read: (text) => [true, false].find((known) => text === `${known}`),
    show: (given) => (given ? "yes" : "no"),
    ...extras,
  };
}

/** One of some words; the first is the default unless another one is given. */
export function oneOf<const T extends string>(
  values: readonly [T, ...T[]],
  about: string,
  { default: value = values[0], ...extras }: Extras & { readonly default?: NoInfer<T> } = {},
): Setting<T> {
  return {
    default: value,
    about,
    help: `${about}, ${values.join(" or ")}`,
    expected: values.join(" or "),
    choices: values,
    shape: valuesIn(...values),
    read: (text) => values.find((known) => known === text),
    show: String,
    ...extras,
  };
}

export function text(value: string, about: string, extras: Extras = {}): Setting<string> {
  const read = (given: string): string => given;
  return { default: value, about, help: about, expected: "text", shape: anyText, read, show: read, ...extras };
}

/** A setting that may also be null, and is unless it is given; `name` says what that means: "no limit". */
export function orNull<T>(setting: Setting<T>, name: string): Setting<T | null> {
  return {
    ...setting,
    auto: name,
    default: null,
    shape: either(valuesIn(null), setting.shape),
    read: (text) => setting.read(text),
    show: (given) => (given === null ? name : setting.show(given)),
  };
}

/** A list, which records have and no command line gives. */
export function list<T>(
  value: readonly T[],
  about: string,
  { item, check = () => null, show = String, ...extras }: Extras & { item: Shape; check?: Shape; show?: (item: T) => string },
): Setting<readonly T[]> {
  const items = listOf(item, { least: 1, most: 10_000 });
  return {
    default: value,
    about,
    help: about,
    expected: "a list",
    shape: (given) => items(given) ?? check(given),
    read: () => undefined,
    show: (given) => given.map(show).join(", "),
    ...extras,
  };
}

const inWords = (least: number, most: number): string => (most === Infinity ? `${least} or more` : `${least} to ${most}`);
const fromTo = (least: number, most: number): string => (most === Infinity ? `of at least ${least}` : `from ${least} to ${most}`);

/** A plain number, or a fraction like 1/3; NaN for anything else. */
function fraction(text: string): number {
  const parts = text.split("/");
  if (parts.length > 2 || parts.some((part) => part.trim() === "")) return Number.NaN;
  return Number(parts[0]) / (parts.length === 2 ? Number(parts[1]) : 1);
}
