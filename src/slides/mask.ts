// Pictures of yes and no, a bit for each pixel, and what smooths them. Outside of a mask is no.

import type { Sides } from "../data/working-resolution.ts";

export interface Mask extends Sides {
  /** [height × ⌈width / 32⌉]: the leftmost of 32 pixels is the highest bit of a word; bits after the end of a row are 0. */
  readonly words: Int32Array;
}

export const emptyMask = ({ width, height }: Sides): Mask => ({
  width,
  height,
  words: new Int32Array(height * wordsAcross(width)),
});

export const wordsAcross = (width: number): number => Math.ceil(width / 32);

/** Whether a pixel of the mask is in it. */
export const has = ({ width, words }: Mask, x: number, y: number): boolean =>
  (words[y * wordsAcross(width) + (x >>> 5)] & bitAt(x)) !== 0;

/** Puts a pixel in the mask. */
export function put({ width, words }: Mask, x: number, y: number): void {
  words[y * wordsAcross(width) + (x >>> 5)] |= bitAt(x);
}

const bitAt = (x: number): number => 0x80000000 >>> (x & 31);

/** Puts the pixels of a row, from `from` to before `to`, in the mask. */
export function putRun({ width, words }: Mask, y: number, from: number, to: number): void {
  const row = y * wordsAcross(width);
  for (let i = from >>> 5; 32 * i < to; i++) words[row + i] |= bitsOf(i, from, to);
}

/** How many pixels of a row, from `from` to before `to`, are in the mask. */
export function countRun({ width, words }: Mask, y: number, from: number, to: number): number {
  const row = y * wordsAcross(width);
  let count = 0;
  for (let i = from >>> 5; 32 * i < to; i++) count += bitCount(words[row + i] & bitsOf(i, from, to));
  return count;
}

/** The bits of the word `i` of a row that lie from `from` to before `to`. */
const bitsOf = (i: number, from: number, to: number): number =>
  (from > 32 * i ? -1 >>> (from & 31) : -1) & (to < 32 * (i + 1) ? ~(-1 >>> (to & 31)) : -1);

function bitCount(word: number): number {
  const pairs = word - ((word >>> 1) & 0x55555555);
  const fours = (pairs & 0x33333333) + ((pairs >>> 2) & 0x33333333);
  return Math.imul((fours + (fours >>> 4)) & 0x0f0f0f0f, 0x01010101) >>> 24;
}

/** How many pixels are in the mask. */
export const pixelsIn = ({ words }: Mask): number => words.reduce((sum, word) => sum + bitCount(word), 0);

/** The mask with everything within `radius` pixels of it: in steps to four and eight neighbours in turn, so nearly round. */
export function grown(mask: Mask, radius: number): Mask {
  let result = mask;
  for (let step = 0; step < radius; step++) result = grownOnce(result, step % 2 === 1);
  return result;
}

/** The mask without everything within `radius` pixels of what is not in it; its border counts as in it. */
export const shrunk = (mask: Mask, radius: number): Mask => inverted(grown(inverted(mask), radius));

/** Gaps up to twice `radius` wide closed. */
export const closed = (mask: Mask, radius: number): Mask => shrunk(grown(mask, radius), radius);

export function inverted(mask: Mask): Mask {
  const words = mask.words.map((word) => ~word);
  clearEnds(mask, words);
  return { ...mask, words };
}

function grownOnce(mask: Mask, diagonally: boolean): Mask {
  const { words, width } = mask;
  const across = wordsAcross(width);
  const beside = new Int32Array(words.length); // with the neighbours to the left and right
  for (let i = 0; i < words.length; i++) {
    const column = i % across;
    const before = column > 0 ? words[i - 1] << 31 : 0;
    const after = column < across - 1 ? words[i + 1] >>> 31 : 0;
    beside[i] = words[i] | (words[i] >>> 1) | before | (words[i] << 1) | after;
  }
  clearEnds(mask, beside);
  const source = diagonally ? beside : words;
  const result = beside.slice();
  for (let i = 0; i < words.length - across; i++) {
    result[i] |= source[i + across];
    result[i + across] |= source[i];
  }
  return { ...mask, words: result };
}

/** Bits after the end of a row are 0. */
function clearEnds({ width }: Mask, words: Int32Array): void {
  const across = wordsAcross(width);
  const bits = bitsOf(across - 1, 0, width);
  for (let i = across - 1; i < words.length; i += across) words[i] &= bits;
}
