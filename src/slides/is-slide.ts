// Which files are whole slides, and which are images: by their ending, or as a TIFF with smaller copies, of a scanner, or larger
// than an image may be.

import { imageKind, MOST_BYTES } from "../data/decoder.ts";
import { inTiff } from "./open-slide.ts";

export const slideExtensions = [".svs", ".ndpi", ".mrxs", ".scn", ".bif", ".vms", ".vmu", ".svslide", ".dcm", ".czi"];

/** Reads the directories of a TIFF. A file that cannot be read is no slide: the reader of images says what is wrong. */
export function isSlide(file: string): boolean {
  const name = file.toLowerCase();
  if (slideExtensions.some((extension) => name.endsWith(extension))) return true;
  if (!/\.tiff?$/.test(name)) return false;
  try {
    if (imageKind(file) !== "tiff") return false;
    const found = inTiff(file);
    if (found === null) return false;
    return !("levels" in found) || found.levels.length > 1 || 3 * found.width * found.height > MOST_BYTES;
  } catch {
    return false;
  }
}
