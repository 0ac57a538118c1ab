// Which boxes denote the same cell: found quickly among many, by where their centres lie.

import type { Box } from "../api.ts";

export const middle = ([x1, y1, x2, y2]: Box): readonly [number, number] => [(x1 + x2) / 2, (y1 + y2) / 2];

/**
 * The middle of a box, half as wide and high. Of a place that is not a cell this is what a training may be sure of: a refused suspect
 * often lies beside a cell that nobody has marked yet, and whatever is centred in a hard negative counts as background.
 */
export function middlePart(box: Box): Box {
  const [x, y] = middle(box);
  const [w, h] = [(box[2] - box[0]) / 4, (box[3] - box[1]) / 4];
  return [x - w, y - h, x + w, y + h];
}

/** Intersection over union. */
export function overlap(a: Box, b: Box): number {
  const [w, h] = [Math.min(a[2], b[2]) - Math.max(a[0], b[0]), Math.min(a[3], b[3]) - Math.max(a[1], b[1])];
  if (w <= 0 || h <= 0) return 0;
  const area = ([x1, y1, x2, y2]: Box): number => (x2 - x1) * (y2 - y1);
  return (w * h) / (area(a) + area(b) - w * h);
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
          const iou = overlap(thing.box, box);
          if (iou > 0) yield [thing, iou];
        }
  }

  #squareOf(box: Box): readonly [number, number] {
    const [x, y] = middle(box);
    return [Math.floor(x / this.#side), Math.floor(y / this.#side)];
  }
}

export const largestSide = (things: readonly { readonly box: Box }[]): number =>
  things.reduce((most, { box: [x1, y1, x2, y2] }) => Math.max(most, x2 - x1, y2 - y1), 0);
