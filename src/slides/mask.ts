// Pictures of yes and no, and what smooths them. Outside of a mask is no.

import type { Sides } from "../data/working-resolution.ts";

export interface Mask extends Sides {
  /** [height × width], 0 or 1. */
  readonly data: Uint8Array;
}

/** The mask with everything within `radius` pixels of it: in steps to four and eight neighbours in turn, so nearly round. */
export function grown(mask: Mask, radius: number): Mask {
  let data = mask.data;
  for (let step = 0; step < radius; step++) data = grownOnce({ ...mask, data }, step % 2 === 1);
  return { ...mask, data };
}

/** The mask without everything within `radius` pixels of what is not in it; its border counts as in it. */
export const shrunk = (mask: Mask, radius: number): Mask => inverted(grown(inverted(mask), radius));

/** Gaps up to twice `radius` wide closed. */
export const closed = (mask: Mask, radius: number): Mask => shrunk(grown(mask, radius), radius);

export const inverted = (mask: Mask): Mask => ({ ...mask, data: mask.data.map((value) => 1 - value) });

function grownOnce({ width, height, data }: Mask, diagonally: boolean): Uint8Array {
  const beside = new Uint8Array(data.length); // with the neighbours to the left and right
  for (let y = 0, i = 0; y < height; y++)
    for (let x = 0; x < width; x++, i++) beside[i] = data[i] | (x > 0 ? data[i - 1] : 0) | (x < width - 1 ? data[i + 1] : 0);
  const source = diagonally ? beside : data;
  const result = beside.slice();
  for (let i = 0; i < data.length - width; i++) {
    result[i] |= source[i + width];
    result[i + width] |= source[i];
  }
  return result;
}

/**
 * The mask with its connected pieces (by four neighbours) for which `keep` says so. It gets the pixels of a piece, in an array
 * that is used again, and whether the piece touches the border.
 */
export function piecesWhere(mask: Mask, keep: (pixels: Int32Array, atBorder: boolean) => boolean): Mask {
  const { width, height } = mask;
  const open = mask.data.slice();
  const data = new Uint8Array(open.length);
  const queue = new Int32Array(open.length);
  for (let first = 0; first < open.length; first++) {
    if (open[first] === 0) continue;
    let [length, atBorder] = [0, false];
    const visit = (i: number) => {
      open[i] = 0;
      queue[length++] = i;
    };
    visit(first);
    for (let next = 0; next < length; next++) {
      const i = queue[next];
      const [x, y] = [i % width, Math.floor(i / width)];
      if (x === 0 || y === 0 || x === width - 1 || y === height - 1) atBorder = true;
      if (x > 0 && open[i - 1]) visit(i - 1);
      if (x < width - 1 && open[i + 1]) visit(i + 1);
      if (y > 0 && open[i - width]) visit(i - width);
      if (y < height - 1 && open[i + width]) visit(i + width);
    }
    const pixels = queue.subarray(0, length);
    if (keep(pixels, atBorder)) for (const i of pixels) data[i] = 1;
  }
  return { ...mask, data };
}

/** The mask with its holes of less than `pixels` filled. */
export const filled = (mask: Mask, pixels: number): Mask =>
  inverted(piecesWhere(inverted(mask), (hole, atBorder) => atBorder || hole.length >= pixels));
