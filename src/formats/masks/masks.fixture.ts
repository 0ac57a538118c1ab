// For tests: masks pixel by pixel, and slow encoders of what other tools write, each as its format is described.

import type { Box } from "../../geometry/box.ts";

export interface Pixels {
  readonly width: number;
  readonly height: number;
  /** Row after row. */
  readonly on: readonly boolean[];
}

/** From rows such as ".##." */
export function pixelsOf(...rows: readonly string[]): Pixels {
  return { width: rows[0].length, height: rows.length, on: [...rows.join("")].map((sign) => sign === "#") };
}

export function boundsOfPixels({ width, on }: Pixels): Box | null {
  const places = on.flatMap((isOn, i) => (isOn ? [[i % width, Math.floor(i / width)]] : []));
  if (places.length === 0) return null;
  const [xs, ys] = [0, 1].map((axis) => places.map((place) => place[axis]));
  return [Math.min(...xs), Math.min(...ys), Math.max(...xs) + 1, Math.max(...ys) + 1];
}

/** Alternately off and on, beginning with off. */
export function countsOf({ width, height, on }: Pixels, lines: "columns" | "rows"): number[] {
  const at = (i: number) => (lines === "rows" ? on[i] : on[(i % height) * width + Math.floor(i / height)]);
  const counts = [0];
  for (let i = 0, last = false; i < on.length; i++) {
    if (at(i) !== last) counts.push(0);
    last = at(i);
    counts[counts.length - 1]++;
  }
  return counts;
}

/** COCO's text of counts. */
export function compressed(counts: readonly number[]): string {
  let text = "";
  counts.forEach((count, i) => {
    let value = i > 2 ? count - counts[i - 2] : count;
    for (let more = true; more; ) {
      const piece = value & 31;
      value >>= 5;
      more = (piece & 16) === 0 ? value !== 0 : value !== -1;
      text += String.fromCharCode(48 + (piece | (more ? 32 : 0)));
    }
  });
  return text;
}

/** Label Studio's bytes of a mask: four channels a pixel. `literal`: without repeated words. */
export function brushBytes(
  { on }: Pixels,
  { literal = false, sizes = [3, 4, 8, 16] }: { readonly literal?: boolean; readonly sizes?: readonly number[] } = {},
): number[] {
  const words = on.flatMap((isOn) => (isOn ? [255, 255, 255, 255] : [0, 0, 0, 0]));
  const bits: number[] = [];
  const write = (value: number, count: number) => {
    for (let bit = count - 1; bit >= 0; bit--) bits.push(Math.floor(value / 2 ** bit) % 2);
  };
  write(words.length, 32);
  write(7, 5);
  for (const size of sizes) write(size - 1, 4);
  for (let at = 0; at < words.length; ) {
    let end = at + 1;
    while (end < words.length && (literal || words[end] === words[at])) end++;
    end = Math.min(end, at + 2 ** Math.max(...sizes));
    const size = sizes.findIndex((bits) => end - at <= 2 ** bits);
    write(literal ? 0 : 1, 1);
    write(size, 2);
    write(end - at - 1, sizes[size]);
    for (const word of literal ? words.slice(at, end) : [words[at]]) write(word, 8);
    at = end;
  }
  while (bits.length % 8 !== 0) bits.push(0);
  return Array.from({ length: bits.length / 8 }, (_, i) => Number.parseInt(bits.slice(8 * i, 8 * i + 8).join(""), 2));
}
