// The centres of boxes as key points in CSV (RFC 4180): image,x,y,label and, for detections, score; one point per line.

import { thousandths } from "../../data/coco/text.ts";
import { writeFileAtomic } from "../../files/atomic-write.ts";
import { centre } from "../../geometry/box.ts";
import { type ExportSource, millionths } from "../export-source.ts";

/**
 * Writes `file` atomically, with coordinates rounded to 0.001 pixels and scores to 6 decimals. Box sizes, regions and images
 * without boxes are lost.
 */
export function exportPointsCsv({ images }: ExportSource, file: string): void {
  const scored = images.some(({ marks }) => marks.some(({ score }) => score !== undefined));
  const chunks: string[] = [`image,x,y,label${scored ? ",score" : ""}\n`];
  for (const { fileName, marks } of images) {
    const image = field(fileName);
    const lines = marks.map(({ box, label, score }) => {
      const values = [image, ...centre(box).map(thousandths), field(label)];
      return `${[...values, ...(scored ? [millionths(score ?? 0)] : [])].join(",")}\n`;
    });
    chunks.push(lines.join(""));
  }
  writeFileAtomic(file, ...chunks);
}

/** Quoted if necessary, also to keep leading and trailing spaces. */
const field = (text: string): string => (/[",;\t\r\n]|^\s|\s$/.test(text) ? `"${text.replaceAll('"', '""')}"` : text);
