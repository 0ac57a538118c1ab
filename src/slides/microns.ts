// Microns per pixel: where each format says them, and when they are believed. 72 dpi and 1/1 are what writers say who do not know.

import { type TiffDirectory, tags } from "../data/tiff-directories.ts";
import { UserError } from "../errors.ts";
import type { Microns, SlideFacts } from "./slide.ts";

/** What a pixel of a slide can span: from oil immersion to an overview. */
const [LEAST, MOST] = [0.05, 20];

export const believable = (mpp: number): boolean => mpp >= LEAST && mpp <= MOST;

/** The microns if both can be, else null. */
export const believed = (x: number, y: number, from: string): Microns | null =>
  believable(x) && believable(y) ? { x, y, from } : null;

/** Throws a UserError unless `mpp`, which the user gave, can be. */
export function givenMicrons(mpp: number): Microns {
  if (!believable(mpp)) throw new UserError(`--mpp: expected microns per pixel from ${LEAST} to ${MOST}, got ${mpp}`);
  return { x: mpp, y: mpp, from: "given" };
}

/**
 * The microns per pixel of a slide. Throws a UserError that says how to give them when they are unknown.
 *
 * @example
 * const micronsPerPixel = requireMicrons(slide).x;
 */
export function requireMicrons({ path, mpp }: Pick<SlideFacts, "path" | "mpp">): Microns {
  if (mpp) return mpp;
  throw new UserError(
    `${path}: does not say how many microns a pixel spans, or not a number from ${LEAST} to ${MOST}; give it, such as --mpp 0.25 (20× is about 0.5, 40× about 0.25)`,
  );
}

/** Of the page that is level 0. */
export function tiffMicrons(page: TiffDirectory, description: string): Microns | null {
  if (/^Aperio/.test(description)) return aperioMicrons(description) ?? resolutionMicrons(page);
  return omeMicrons(description, page) ?? resolutionMicrons(page);
}

function aperioMicrons(description: string): Microns | null {
  const match = /\|\s*MPP\s*=\s*(\d+(?:[.,]\d+)?)/.exec(description); // a comma in old files
  const mpp = Number(match?.[1].replace(",", "."));
  return believed(mpp, mpp, "Aperio MPP");
}

const MICRONS_PER_UNIT: { readonly [unit: string]: number } = { µm: 1, μm: 1, um: 1, nm: 1e-3, mm: 1e3, cm: 1e4, m: 1e6 };

/** Of the Pixels element that has the page's size, else of the first. The unit is µm where none is said. */
function omeMicrons(description: string, page: TiffDirectory): Microns | null {
  const [width, height] = [tags.width, tags.height].map((tag) => String(page.values(tag)[0]));
  const elements = [...description.matchAll(/<(?:\w+:)?Pixels\b[^>]*>/g)].map(([element]) => element);
  const attribute = (element: string, name: string) => new RegExp(`\\s${name}="([^"]*)"`).exec(element)?.[1];
  const element =
    elements.find((each) => attribute(each, "SizeX") === width && attribute(each, "SizeY") === height) ?? elements[0];
  if (element === undefined) return null;
  const [x, y] = ["PhysicalSizeX", "PhysicalSizeY"].map(
    (name) => Number(attribute(element, name)) * MICRONS_PER_UNIT[unitOf(attribute(element, `${name}Unit`))],
  );
  return believed(x, y, "OME PhysicalSizeX");
}

const unitOf = (unit = "µm"): string => unit.replace(/&#(?:181|xB5);/i, "µ");

function resolutionMicrons(page: TiffDirectory): Microns | null {
  const unit = page.values(tags.resolutionUnit)[0] === 3 ? 10_000 : 25_400; // centimetre, else inch
  const [x, y] = [tags.xResolution, tags.yResolution].map((tag) => unit / page.values(tag)[0]);
  return believed(x, y, "TIFF XResolution");
}
