// The connected pieces of a mask (by four neighbours), found by joining the runs of pixels of its rows, so that what is held grows
// with the outlines and not with the pixels.

import { countRun, emptyMask, inverted, type Mask, putRun, wordsAcross } from "./mask.ts";

/** The runs of a mask, row by row, and from left to right. */
export interface Runs {
  /** [R]: the row of each, its first pixel, and the first pixel after it. */
  readonly rows: Int32Array;
  readonly from: Int32Array;
  readonly to: Int32Array;
  /** [R]: the first run of its piece. */
  readonly pieces: Int32Array;
}

export function runsOf(mask: Mask): Runs {
  const { width, height } = mask;
  const count = runCount(mask);
  const [rows, from, to, pieces] = Array.from({ length: 4 }, () => new Int32Array(count));
  const root = (run: number): number => {
    let at = run;
    while (pieces[at] !== at) at = pieces[at] = pieces[pieces[at]];
    return at;
  };
  let [run, above] = [0, 0];
  for (let y = 0; y < height; y++) {
    const first = run;
    for (let x = next(mask, y, 0, true); x < width; x = next(mask, y, to[run++], true)) {
      [rows[run], from[run], to[run], pieces[run]] = [y, x, next(mask, y, x, false), run];
      while (above < first && to[above] <= x) above++;
      for (let other = above; other < first && from[other] < to[run]; other++) {
        const [a, b] = [root(other), root(run)];
        pieces[Math.max(a, b)] = Math.min(a, b);
      }
    }
    above = first;
  }
  for (let i = 0; i < count; i++) pieces[i] = root(i);
  return { rows, from, to, pieces };
}

function runCount({ width, words }: Mask): number {
  const across = wordsAcross(width);
  let count = 0;
  for (let i = 0; i < words.length; i++) {
    const before = i % across > 0 ? words[i - 1] << 31 : 0;
    for (let begins = words[i] & ~((words[i] >>> 1) | before); begins !== 0; begins &= begins - 1) count++;
  }
  return count;
}

/** The first pixel of a row, from `x` on, that is in the mask, or that is not; the width where there is none. */
function next({ width, words }: Mask, y: number, x: number, isIn: boolean): number {
  const row = y * wordsAcross(width);
  for (let i = x >>> 5; 32 * i < width; i++) {
    const bits = (isIn ? words[row + i] : ~words[row + i]) & (x > 32 * i ? -1 >>> (x & 31) : -1);
    if (bits !== 0) return Math.min(width, 32 * i + Math.clz32(bits));
  }
  return width;
}

export interface Piece {
  /** How many it has. */
  readonly pixels: number;
  readonly touchesBorder: boolean;
  /** How many of its pixels are in each of the other masks. */
  readonly within: readonly number[];
}

/** The mask with those of its pieces for which `keep` says so, by what they have of `others`, which are as large. */
export function piecesWhere(mask: Mask, keep: (piece: Piece) => boolean, others: readonly Mask[] = []): Mask {
  const { width, height } = mask;
  const { rows, from, to, pieces } = runsOf(mask);
  const border = new Uint8Array(pieces.length);
  const [pixels, ...within] = [mask, ...others].map(() => new Int32Array(pieces.length));
  for (const [run, piece] of pieces.entries()) {
    const [y, x1, x2] = [rows[run], from[run], to[run]];
    if (y === 0 || y === height - 1 || x1 === 0 || x2 === width) border[piece] = 1;
    pixels[piece] += x2 - x1;
    for (const [i, other] of others.entries()) within[i][piece] += countRun(other, y, x1, x2);
  }
  const kept = new Uint8Array(pieces.length);
  const result = emptyMask(mask);
  for (const [run, piece] of pieces.entries()) {
    if (piece === run) {
      const counts = within.map((values) => values[piece]);
      kept[piece] = Number(keep({ pixels: pixels[piece], touchesBorder: border[piece] === 1, within: counts }));
    }
    if (kept[piece]) putRun(result, rows[run], from[run], to[run]);
  }
  return result;
}

/** The mask with its holes of less than `pixels` filled. */
export const filled = (mask: Mask, pixels: number): Mask =>
  inverted(piecesWhere(inverted(mask), (hole) => hole.touchesBorder || hole.pixels >= pixels));
