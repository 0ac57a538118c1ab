// Boxes as XML of Aperio ImageScope, one file per image: a layer for each class, a rectangle for each box, in pixels of the full
// resolution. A detection's score is the text of its region.

import { mkdirSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { thousandths } from "../../data/coco/text.ts";
import { writeFolderAtomic } from "../../files/atomic-folder.ts";
import { fileStems } from "../../files/file-stem.ts";
import { rectangleRing } from "../../geometry/region.ts";
import { type ExportImage, type ExportMark, type ExportSource, millionths } from "../export-source.ts";
import { xmlText } from "../xml-text.ts";

/**
 * Writes the folder `dir`, whole or not at all, with the subfolders of the images. Coordinates are rounded to 0.001 pixels. Regions
 * are lost. Throws a UserError when `dir` exists, and on a name that XML cannot represent.
 */
export function exportImagescope({ images }: ExportSource, dir: string): void {
  const stems = fileStems(images.map(({ fileName }) => fileName));
  writeFolderAtomic(dir, (beside) => {
    images.forEach((image, i) => {
      const file = join(beside, `${stems[i]}.xml`);
      mkdirSync(dirname(file), { recursive: true });
      writeFileSync(file, xmlOf(image));
    });
  });
}

function xmlOf({ marks, mpp }: ExportImage): string {
  const layers = new Map<string, ExportMark[]>();
  for (const mark of marks) {
    const same = layers.get(mark.label);
    if (same === undefined) layers.set(mark.label, [mark]);
    else same.push(mark);
  }
  const scale = mpp === undefined ? "" : ` MicronsPerPixel="${mpp}"`;
  return `<Annotations${scale}>\n${[...layers].map(([label, boxes], i) => layerText(label, boxes, i)).join("")}</Annotations>\n`;
}

/** Colours as 0xBBGGRR, different for the first layers. */
const COLOURS = [0x0000ff, 0x00ff00, 0xff0000, 0x00ffff, 0xff00ff, 0xffff00];

function layerText(label: string, marks: readonly ExportMark[], i: number): string {
  return ` <Annotation Id="${i + 1}" Name="${xmlText(label)}" ReadOnly="0" LineColor="${COLOURS[i % COLOURS.length]}" Visible="1" Type="4">
  <Regions>
${marks.map(regionText).join("")}  </Regions>
 </Annotation>
`;
}

function regionText({ box, score }: ExportMark, i: number): string {
  const ring = rectangleRing(...box).map(thousandths);
  const vertices = [0, 2, 4, 6].map((at) => `<Vertex X="${ring[at]}" Y="${ring[at + 1]}" Z="0" />`);
  const text = score === undefined ? "" : millionths(score);
  return `   <Region Id="${i + 1}" Type="1" Text="${text}" NegativeROA="0" DisplayId="${i + 1}"><Vertices>${vertices.join("")}</Vertices></Region>\n`;
}
