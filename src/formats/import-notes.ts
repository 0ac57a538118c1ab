// What an import says besides its numbers, and why there is no dataset.

import { join } from "node:path";
import { UserError } from "../errors.ts";
import type { ImportReport } from "./import-report.ts";
import { type FaultyReport, type SourceImage, where } from "./source.ts";
import type { UnreadReport } from "./unread.ts";

/** Two lists of one image may have the same cell at two places, which no one can tell from two cells. */
export const repeatedNote = ([first, ...more]: readonly SourceImage[]): string[] =>
  first === undefined
    ? []
    : [
        `${1 + more.length} images are listed again, the first at ${where(first)} ("${first.name}"): the marks of both lists count, so look for cells that are marked twice`,
      ];

/** The first errors of marks that were left out, as the reader gives them. */
export const faultyNotes = (faulty: FaultyReport | undefined): string[] =>
  faulty === undefined ? [] : [`left out ${faulty.count} marks that are faulty; the first: ${faulty.first[0]}`];

/** Why there is no dataset: no image is left, or no mark of those that were read. */
export function nothingLeft(
  folder: string,
  { first, kinds }: UnreadReport,
  left: ImportReport["leftOut"] & {
    readonly read: number;
    readonly unlabelled: SourceImage | undefined;
    readonly faulty: FaultyReport | undefined;
    readonly bareSlides: readonly string[];
  },
): UserError {
  if (first !== null)
    return new UserError(
      `${first}: cannot be read, and nothing else is left (unread: ${kinds}); export these marks in another form, or remove them`,
    );
  if (left.bareSlides.length > 0)
    return new UserError(
      `${join(folder, left.bareSlides[0])}: has no cell and no complete region to cut a window around, and neither has any other image; mark some`,
    );
  if (left.faulty !== undefined) return new UserError(`${left.faulty.first[0]}; no mark that is not faulty is left`);
  const [image] = [...left.emptied, ...left.unreadable, ...left.missing];
  if (left.read > 0 && image !== undefined)
    return new UserError(
      `${folder}: none of ${left.read} marks can be used, for instance none of "${image}"; correct the annotations (without --drop-invalid the first error is named)`,
    );
  if (left.unlabelled !== undefined)
    return new UserError(
      `${where(left.unlabelled)}: "${left.unlabelled.name}" is not labelled, and no other image is; finish the annotation and export it again`,
    );
  return new UserError(
    `${folder}: has no image that the annotations mention; check both, or import images without cells with --keep-empty`,
  );
}

/** A mirrored or square image does not show whether its annotations refer to the stored or the rotated pixels. */
export const turnedNote = (count: number): string[] =>
  count === 0
    ? []
    : [
        `${count} images are rotated or mirrored by their EXIF orientation; annotations must refer to the rotated image: check a few with "data view"`,
      ];
