// The summary of `data import`.

import { printable } from "../../../errors.ts";
import type { ImportReport } from "../../../formats/import.ts";

/** A line for images, groups and annotations each, and further ones for what was left out. */
export function importText({ images, annotations, regions, unread, leftOut, slides, pixels, notes }: ImportReport): string {
  const imageParts = list([
    [images.unmentioned, "left out, not in the annotations"],
    [images.unlabelled, "left out unlabelled"],
    [images.missing, "in the annotations but not there"],
    [images.unreadable, "left out unreadable"],
    [images.unread, "left out with marks that cannot be read"],
    [images.emptied, "left out because all their marks were dropped"],
    [images.ungrouped, "not matched by the group pattern"],
  ]);
  const annotationParts = list([
    [annotations.hardNegatives, "of them hard negatives"],
    [annotations.clipped, "of them clipped at the edge of their image"],
    [annotations.swapped, "of them with swapped corners put in order"],
    [annotations.duplicate, "dropped as duplicates"],
    [annotations.outsideImage, "dropped outside their image"],
    [annotations.empty, "dropped without any area"],
    [annotations.imageMissing, "dropped without their image"],
    [annotations.imageUnreadable, "dropped on unreadable images"],
    [annotations.imageUnread, "dropped on images with marks that cannot be read"],
    [annotations.windowUnreadable, "dropped on windows that cannot be decoded"],
  ]);
  const { complete, ignore } = regions;

  const lines = [
    `images       ${images.found} found, ${images.imported} imported${imageParts}`,
    ...(slides === undefined ? [] : [`windows      ${slides.windows} of ${counted(slides.slides, "slide")}`]),
    `groups       ${images.groups}`,
    `annotations  ${annotations.read} read, ${annotations.kept} kept${annotationParts}`,
    ...(complete + ignore === 0 ? [] : [`regions      ${complete} complete, ${ignore} ignored`]),
    ...pixels.map((line, i) => `${i === 0 ? "pixels" : ""}`.padEnd(13) + line),
    ...unreadLines(unread),
    ...named("in the annotations but not there", leftOut.missing),
    ...named("unreadable", leftOut.unreadable),
    ...named("marks that cannot be read", unread.imagesLeftOut),
    ...named("all marks dropped", leftOut.emptied),
    ...notes.map((note) => `note         ${note}`),
  ];
  return lines.map((line) => `${printable(line)}\n`).join("");
}

const counted = (count: number, noun: string): string => `${count} ${noun}${count === 1 ? "" : "s"}`;

const list = (parts: readonly (readonly [number, string])[]): string =>
  parts
    .filter(([n]) => n > 0)
    .map(([n, text]) => `, ${n} ${text}`)
    .join("");

function unreadLines({ covered, imagesCovered, leftOut, kinds, first }: ImportReport["unread"]): string[] {
  if (first === null) return [];
  const became = list([
    [covered, `covered by regions to ignore on ${imagesCovered === 1 ? "1 image" : `${imagesCovered} images`}`],
    [leftOut, "on images left out"],
  ]);
  return [`unread       ${kinds}${became}; the first: ${first}`];
}

const NAMED = 3;

function named(reason: string, names: readonly string[]): string[] {
  if (names.length === 0) return [];
  const shown = names.slice(0, NAMED).map((name) => `"${name}"`);
  const more = names.length > NAMED ? ` and ${names.length - NAMED} more` : "";
  return [`left out     ${shown.join(", ")}${more}: ${reason}`];
}
