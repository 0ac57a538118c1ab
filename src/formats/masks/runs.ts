// Masks as run lengths: the numbers of pixels that are alternately off and on, beginning with off, line after line. COCO's lines
// are columns, from left to right; those of CVAT and Label Studio are rows, from top to bottom.

import type { Box } from "../../geometry/box.ts";

export interface RunMask {
  /** Whole numbers of at least 0; their sum is width × height. */
  readonly counts: ArrayLike<number>;
  readonly width: number;
  readonly height: number;
  readonly lines: "columns" | "rows";
}

/** The mask of these numbers; null when they are not counts or do not fill the mask exactly. */
export function runMask(counts: ArrayLike<unknown>, shape: Omit<RunMask, "counts">): RunMask | null {
  let sum = 0;
  for (let i = 0; i < counts.length; i++) {
    const count = counts[i];
    if (!Number.isSafeInteger(count) || (count as number) < 0) return null;
    sum += count as number;
  }
  return sum === shape.width * shape.height && sum > 0 ? { ...shape, counts: counts as ArrayLike<number> } : null;
}

/** The smallest box around the pixels that are on; null when none is. */
export function maskBounds({ counts, width, height, lines }: RunMask): Box | null {
  const length = lines === "columns" ? height : width;
  let [firstLine, lastLine, from, to] = [Infinity, -Infinity, Infinity, -Infinity];
  let at = 0;
  for (let i = 0; i < counts.length; at += counts[i++]) {
    if (i % 2 === 0 || counts[i] === 0) continue;
    const [start, last] = [at, at + counts[i] - 1];
    const [line, end] = [Math.floor(start / length), Math.floor(last / length)];
    firstLine = Math.min(firstLine, line);
    lastLine = Math.max(lastLine, end);
    from = Math.min(from, line === end ? start % length : 0);
    to = Math.max(to, line === end ? last % length : length - 1);
  }
  if (lastLine < 0) return null;
  return lines === "columns" ? [firstLine, from, lastLine + 1, to + 1] : [from, firstLine, to + 1, lastLine + 1];
}

/** The pixels that are on as rings of rectangles that do not overlap: a region of the mask's exact shape. */
export function maskRings({ counts, width, height, lines }: RunMask): number[][] {
  const length = lines === "columns" ? height : width;
  const rings: number[][] = [];
  let at = 0;
  for (let i = 0; i < counts.length; at += counts[i++]) {
    if (i % 2 === 0) continue;
    let [start, end] = [at, at + counts[i]];
    while (start < end) {
      const line = Math.floor(start / length);
      const whole = start % length === 0 ? Math.floor((end - start) / length) : 0;
      const stop = Math.min(end, (line + Math.max(1, whole)) * length);
      const [from, to] = whole > 0 ? [0, length] : [start - line * length, stop - line * length];
      const [first, last] = [line, line + Math.max(1, whole)];
      rings.push(
        lines === "columns" ? [first, from, last, from, last, to, first, to] : [from, first, to, first, to, last, from, last],
      );
      start = stop;
    }
  }
  return rings;
}
