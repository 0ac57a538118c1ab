// COCO JSON as text, one object per line, so that errors can name a line and a diff shows what changed. Coordinates are rounded
// to a thousandth of a pixel.

import { area, type Box } from "../../geometry/box.ts";

/** The lists as one JSON object, in chunks of a few megabytes. Rows may be generated lazily: none is kept. */
export function* cocoText(lists: { readonly [key: string]: Iterable<object> }): Generator<string> {
  let before = "{\n";
  for (const [key, rows] of Object.entries(lists)) {
    let lines: string[] = [];
    let head = `${before}${JSON.stringify(key)}: [`;
    for (const row of rows) {
      lines.push(JSON.stringify(row));
      if (lines.length < CHUNK_ROWS) continue;
      yield `${head}\n${lines.join(",\n")}`;
      [head, lines] = [",", []];
    }
    if (lines.length > 0) yield `${head}\n${lines.join(",\n")}`;
    yield lines.length > 0 || head === "," ? "\n]" : `${head}]`;
    before = ",\n";
  }
  yield "\n}\n";
}

const CHUNK_ROWS = 10_000;
const DECIMALS = 1000;

/** A coordinate as written to files. */
export const thousandths = (value: number): number => Math.round(value * DECIMALS) / DECIMALS;

/** `bbox` [x, y, width, height] and `area` of a box. Sides of less than a thousandth of a pixel are widened to that. */
export function cocoBox(box: Box): { bbox: number[]; area: number } {
  const [x1, y1, x2, y2] = box.map((value) => Math.round(value * DECIMALS)) as [number, number, number, number];
  const [left, right] = apart(x1, x2);
  const [top, bottom] = apart(y1, y2);
  const bbox = [left, top, right - left, bottom - top].map((value) => value / DECIMALS);
  return { bbox, area: Math.round(area([0, 0, bbox[2], bbox[3]]) * DECIMALS) / DECIMALS };
}

/** Widened to the left, because the right may be the image's border, unless the left is. */
const apart = (from: number, to: number): [number, number] =>
  to - from >= 1 ? [from, to] : to >= 1 ? [to - 1, to] : [from, from + 1];
