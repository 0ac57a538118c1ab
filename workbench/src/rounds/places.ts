// Which boxes denote the same cell: found quickly among many, by where their centres lie.

import type { Box } from "../api.ts";
import { centre, iou } from "../sparsecell.ts";

/**
 * The middle of a box, half as wide and high. Of a place that is not a cell this is what a training may be sure of: a refused suspect
 * often lies beside a cell that nobody has marked yet, and whatever is centred in a hard negative counts as background.
 */
export function middlePart(box: Box): Box {
  const [x, y] = centre(box);
  const [w, h] = [(box[2] - box[0]) / 4, (box[3] - box[1]) / 4];
  return [x - w, y - h, x + w, y + h];
}

/** Things with boxes, by squares of the image: boxes that overlap lie in the same square or in neighbouring ones. */
export class Places<T extends { readonly box: Box }> {
  readonly #side: number;
  readonly #squares = new Map<string, T[]>();

  constructor(things: readonly T[], largest = largestSide(things)) {
    this.#side = Math.max(1, largest);
    for (const thing of things) this.add(thing);
  }

  add(thing: T): void {
    const [x, y] = this.#squareOf(thing.box);
    const key = `${x},${y}`;
    const here = this.#squares.get(key);
    if (here === undefined) this.#squares.set(key, [thing]);
    else here.push(thing);
  }

  /** Those that overlap a box, with their IoU. The box may be no larger than the largest side. */
  *overlapping(box: Box): Generator<readonly [thing: T, iou: number]> {
    const [x, y] = this.#squareOf(box);
    for (let dx = -1; dx <= 1; dx++)
      for (let dy = -1; dy <= 1; dy++)
        for (const thing of this.#squares.get(`${x + dx},${y + dy}`) ?? []) {
          const overlap = iou(thing.box, box);
          if (overlap > 0) yield [thing, overlap];
        }
  }

  #squareOf(box: Box): readonly [number, number] {
    const [x, y] = centre(box);
    return [Math.floor(x / this.#side), Math.floor(y / this.#side)];
  }
}

export const largestSide = (things: readonly { readonly box: Box }[]): number =>
  things.reduce((most, { box: [x1, y1, x2, y2] }) => Math.max(most, x2 - x1, y2 - y1), 0);
