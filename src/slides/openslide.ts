// Slides that only OpenSlide reads. It is optional: where it is missing, one line says which package to install.

import type { RgbImage } from "../data/image-file.ts";
import { UserError } from "../errors.ts";
import type { Window } from "../geometry/windows.ts";
import { believed } from "./microns.ts";
import { OpenslideError, OpenslideProcess } from "./openslide-process.ts";
import type { StoredSlide } from "./slide.ts";
import type { SlideFormat } from "./slide-format.ts";

const INSTALL = "Debian: apt-get install libopenslide0, macOS: brew install openslide; then run: npx sparsecell setup";
/** Pieces that are tried one by one where a part cannot be read: how a level is stored is not known. */
const PIECE = { width: 256, height: 256 };

/** Throws a UserError that names the format when OpenSlide is missing, does not know the file, or finds it damaged. */
export async function openslideSlide(path: string, known: SlideFormat): Promise<StoredSlide> {
  const process = new OpenslideProcess(path);
  const facts = await process.facts().catch((error) => {
    process.close();
    throw error instanceof OpenslideError ? refused(path, known, error) : error;
  });
  const values = (name: string) => facts.filter((line) => line.startsWith(`${name} `)).map((line) => line.slice(name.length + 1));
  const levels = values("level").map((line) => line.split(" ").map(Number));
  const usable = levels.length > 0 && levels.every(([width, height, downsample]) => width >= 1 && height >= 1 && downsample >= 1);
  if (!usable) {
    process.close();
    throw refused(path, known, new OpenslideError("damaged", "it has no level with pixels"));
  }
  const bounds = ["x", "y", "width", "height"].map((name) => Number(values(`openslide.bounds-${name}`)[0]));
  const { x: left, y: top, width, height } = scannedPart(bounds, levels[0]);
  // A level of a part has the pixels that lie in it whole.
  const sideOf = (side: number, part: number, all: number, downsample: number): number =>
    part === all ? side : Math.max(1, Math.floor(part / downsample));
  return {
    path,
    reader: "openslide",
    format: known.format,
    vendor: values("vendor")[0] ?? known.vendor,
    width,
    height,
    levels: levels.map(([levelWidth, levelHeight, downsample]) => ({
      width: sideOf(levelWidth, width, levels[0][0], downsample),
      height: sideOf(levelHeight, height, levels[0][1], downsample),
      downsample: whole(downsample),
    })),
    mpp: believed(Number(values("openslide.mpp-x")[0]), Number(values("openslide.mpp-y")[0]), "openslide.mpp-x"),
    tileOf: () => PIECE,
    async pixels(level, part) {
      const { x, y } = placeOf(part, levels[level][2]);
      const data = await process.pixels(level, left + x, top + y, part.width, part.height).catch((error) => {
        const isBad = error instanceof OpenslideError && (error.kind === "tile" || error.kind === "ended");
        throw isBad ? error : refused(path, known, error);
      });
      return { width: part.width, height: part.height, data } satisfies RgbImage;
    },
    close: () => process.close(),
  };
}

/**
 * The part of a level 0 of [width, height] that was scanned, which is the slide, as for QuPath: MIRAX and Leica lay it on a larger
 * empty one. `bounds`: x, y, width and height as OpenSlide has them; NaN where it does not.
 */
export function scannedPart([x, y, width, height]: readonly number[], whole: readonly number[]): Window {
  const isPart = x >= 0 && y >= 0 && width >= 1 && height >= 1 && x + width <= whole[0] && y + height <= whole[1];
  return isPart ? { x, y, width, height } : { x: 0, y: 0, width: whole[0], height: whole[1] };
}

/** OpenSlide divides the sides, which are rounded: 4.0007 is 4. */
const whole = (downsample: number): number =>
  Math.abs(downsample / Math.round(downsample) - 1) < 0.002 ? Math.round(downsample) : downsample;

/** OpenSlide takes the place of a part in pixels of level 0, by its own downsample. */
const placeOf = ({ x, y }: Window, downsample: number) => ({ x: Math.round(x * downsample), y: Math.round(y * downsample) });

function refused(path: string, { format, since }: SlideFormat, { kind, message }: OpenslideError): UserError {
  const name = `${path}: is a ${format} slide`;
  if (kind === "closed") return new UserError(`${path}: was closed; open it again`);
  if (kind === "missing")
    return new UserError(`${name}, which needs OpenSlide${since ? ` ${since}` : ""} (${message}); ${INSTALL}`);
  const advice =
    kind === "unknown" && since
      ? `${format} needs version ${since} or later: libopenslide1 of Debian 13, or brew install openslide`
      : "it may be damaged or cut off, or lack the files that belong to it; copy it again";
  return new UserError(`${name}, but OpenSlide cannot read it: ${message}; ${advice}`);
}
