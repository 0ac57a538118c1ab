// Refuses a source whose marks cannot be in pixels.

import { UserError } from "../errors.ts";
import type { Box } from "../geometry/box.ts";
import { isTinyImage, type NotPixels, pixelFault, pixelFaultText } from "../geometry/pixels.ts";
import { boundsOf } from "./marks.ts";
import { type Mark, type Source, where } from "./source.ts";

/**
 * Throws a UserError when most marks of a file lie where only fractions of an image lie, and when all boxes of all files are smaller
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
  for (const lists of files) refuse("fractions", lists);
  refuse("tiny", files.flat());
}

function refuse(kind: NotPixels["fault"], lists: readonly (readonly Mark[])[]): void {
  const fault = pixelFault(bounds(lists));
  if (fault?.fault !== kind) return;
  throw new UserError(`${where(lists.flat()[fault.first])}: ${pixelFaultText(fault, "mark")}`);
}

function* bounds(lists: readonly (readonly Mark[])[]): Generator<Box> {
  for (const marks of lists) for (const { place } of marks) yield boundsOf(place, 0);
}
