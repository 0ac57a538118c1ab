// Boxes as Pascal VOC XML (http://host.robots.ox.ac.uk/pascal/VOC/voc2012/htmldoc/devkit_doc.html), one file per image. VOC counts
// pixels from 1 and both ends belong to the box: pixels xmin … xmax are the box [xmin − 1, xmax].

import { mkdirSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { writeFolderAtomic } from "../../files/atomic-folder.ts";
import { fileStems } from "../../files/file-stem.ts";
import type { Box } from "../../geometry/box.ts";
import { type ExportImage, type ExportMark, type ExportSource, millionths } from "../export-source.ts";
import { xmlText } from "../xml-text.ts";

/**
 * Writes the folder `dir`, whole or not at all, with the subfolders of the images. Boxes are rounded to whole pixels, at least one
 * pixel wide and high; a detection's score becomes its `confidence`. Regions are lost. Throws a UserError when `dir` exists, and
 * on a name that XML cannot represent.
 */
export function exportVoc({ images }: ExportSource, dir: string): void {
  const stems = fileStems(images.map(({ fileName }) => fileName));
  writeFolderAtomic(dir, (beside) => {
    images.forEach((image, i) => {
      const file = join(beside, `${stems[i]}.xml`);
      mkdirSync(dirname(file), { recursive: true });
      writeFileSync(file, vocText(image));
    });
  });
}

function vocText({ fileName, width, height, marks }: ExportImage): string {
  const size =
    width === null || height === null
      ? ""
      : `  <size>\n    <width>${width}</width>\n    <height>${height}</height>\n    <depth>3</depth>\n  </size>\n`;
  return `<annotation>
  <filename>${xmlText(fileName)}</filename>
${size}  <segmented>0</segmented>
${marks.map(objectText).join("")}</annotation>
`;
}

function objectText({ box, label, score }: ExportMark): string {
  const [xmin, ymin, xmax, ymax] = vocBox(box);
  const confidence = score === undefined ? "" : `    <confidence>${millionths(score)}</confidence>\n`;
  return `  <object>
    <name>${xmlText(label)}</name>
    <pose>Unspecified</pose>
    <truncated>0</truncated>
    <difficult>0</difficult>
${confidence}    <bndbox>
      <xmin>${xmin}</xmin>
      <ymin>${ymin}</ymin>
      <xmax>${xmax}</xmax>
      <ymax>${ymax}</ymax>
    </bndbox>
  </object>
`;
}

function vocBox([x1, y1, x2, y2]: Box): number[] {
  const [left, right] = wholePixels(x1, x2);
  const [top, bottom] = wholePixels(y1, y2);
  return [left + 1, top + 1, right, bottom];
}

function wholePixels(start: number, end: number): readonly [number, number] {
  const [first, last] = [Math.round(start), Math.round(end)];
  return first < last ? [first, last] : [Math.floor((start + end) / 2), Math.floor((start + end) / 2) + 1];
}
