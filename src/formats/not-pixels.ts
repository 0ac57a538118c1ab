// Refuses a source whose marks cannot be in pixels.

import { UserError } from "../errors.ts";
import type { Box } from "../geometry/box.ts";
import { isTinyImage, NOT_PIXELS, notPixels } from "../geometry/pixels.ts";
import { boundsOf } from "./marks.ts";
import { type Mark, type Source, where } from "./source.ts";

/**
 * Throws a UserError when all marks of a file lie where only fractions of an image lie, and when all boxes of all files are smaller
 * than a pixel: a file for one image may well have nothing but a slip of the mouse.
 */
export function requirePixels({ images }: Source): void {
  const listsOf = new Map<string, (readonly Mark[])[]>();
  for (const { file, marks, size } of images) {
    if (marks.length === 0 || (size !== undefined && isTinyImage(size))) continue;
    const before = listsOf.get(file);
    if (before === undefined) listsOf.set(file, [marks]);
    else before.push(marks);
  }
  const files = [...listsOf.values()];
  for (const lists of files) if (notPixels(bounds(lists)) === "fractions") throw refused(lists, "fractions");
  if (notPixels(bounds(files.flat())) === "tiny") throw refused(files.flat(), "tiny");
}

function refused([[first]]: readonly (readonly Mark[])[], fault: keyof typeof NOT_PIXELS): UserError {
  return new UserError(`${where(first)}: this mark and all others ${NOT_PIXELS[fault]}`);
}

function* bounds(lists: readonly (readonly Mark[])[]): Generator<Box> {
  for (const marks of lists) for (const { place } of marks) yield boundsOf(place, 0);
}
