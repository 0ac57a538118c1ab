// COCO JSON as text: one object a line, so that an error can name its line and a diff shows what changed. Coordinates are
// rounded to a thousandth of a pixel.

import { area, type Box } from "./boxes.ts";

/** The lists as one JSON object, in chunks of at most some megabytes. */
export function cocoText(lists: { readonly [key: string]: readonly object[] }): string[] {
  const chunks: string[] = [];
  let before = "{\n";
  for (const [key, rows] of Object.entries(lists)) {
    if (rows.length === 0) chunks.push(`${before}${JSON.stringify(key)}: []`);
    for (let start = 0; start < rows.length; start += CHUNK_ROWS) {
      const head = start === 0 ? `${before}${JSON.stringify(key)}: [\n` : ",\n";
      const tail = start + CHUNK_ROWS >= rows.length ? "\n]" : "";
      chunks.push(
        head +
          rows
            .slice(start, start + CHUNK_ROWS)
            .map((row) => JSON.stringify(row))
            .join(",\n") +
          tail,
      );
    }
    before = ",\n";
  }
  return [...chunks, "\n}\n"];
}

const CHUNK_ROWS = 10_000;
const DECIMALS = 1000;

/** `bbox` [x, y, width, height] and `area` of a box. A box thinner than a thousandth of a pixel is written that thick. */
export function cocoBox(box: Box): { bbox: number[]; area: number } {
  const [x1, y1, x2, y2] = box.map((value) => Math.round(value * DECIMALS)) as [number, number, number, number];
  const size = [Math.max(1, x2 - x1), Math.max(1, y2 - y1)] as const;
  const bbox = [x1, y1, ...size].map((value) => value / DECIMALS);
  return { bbox, area: Math.round(area([0, 0, bbox[2], bbox[3]]) * DECIMALS) / DECIMALS };
}
