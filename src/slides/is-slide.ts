// Which files are whole slides, and which are images: by their ending, or as a TIFF of a scanner, one with smaller copies of more
// than a window, or one larger than an image may be.

import { imageKind, MOST_BYTES } from "../data/decoder.ts";
import { filesBelow } from "../files/files-below.ts";
import { imageExtensions } from "../files/image-folder.ts";
import { inTiff } from "./open-slide.ts";

export const slideExtensions = [".svs", ".ndpi", ".mrxs", ".scn", ".bif", ".vms", ".vmu", ".svslide", ".dcm", ".czi"];

/** As `findImages`, with the files that end like those of slides. */
export const findImagesAndSlides = (folder: string): string[] =>
  filesBelow(folder, { extensions: [...imageExtensions, ...slideExtensions], noun: "images" });

/** Pixels along a side; a smaller picture is an image, whatever its file. */
const SMALL = 512;

/** Reads the directories of a TIFF. A file that cannot be read is no slide: the reader of images says what is wrong. */
export function isSlide(file: string): boolean {
  const name = file.toLowerCase();
  if (slideExtensions.some((extension) => name.endsWith(extension))) return true;
  if (!/\.tiff?$/.test(name)) return false;
  try {
    if (imageKind(file) !== "tiff") return false;
    const found = inTiff(file);
    if (found === null) return false;
    if (!("levels" in found)) return true;
    const isPyramid = found.levels.length > 1 && Math.max(found.width, found.height) > SMALL;
    return isPyramid || 3 * found.width * found.height > MOST_BYTES;
  } catch {
    return false;
  }
}
