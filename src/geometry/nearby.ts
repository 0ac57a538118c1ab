// Which parts of a shape belong together: the pieces of one nucleus lie close to each other, two cells under one number or in one
// object lie apart.

import { type Box, height, width } from "./box.ts";

/** A gap of this share of the longer side of the larger part, or of `LEAST_GAP` pixels, still joins two parts. */
const SHARE = 0.25;
const LEAST_GAP = 2;

/** Groups of indices into `boxes`, the bounds of the parts: those of one group reach each other over small gaps. */
export function groupNearby(boxes: readonly Box[]): number[][] {
  if (boxes.length === 1) return [[0]];
  const parent = boxes.map((_, i) => i);
  const rootOf = (i: number): number => {
    while (parent[i] !== i) i = parent[i] = parent[parent[i]];
    return i;
  };
  const reach = boxes.map((box) => Math.max(LEAST_GAP, SHARE * Math.max(width(box), height(box))));
  const most = reach.reduce((a, b) => Math.max(a, b), 0);
  const order = boxes.map((_, i) => i).sort((a, b) => boxes[a][0] - boxes[b][0]);
  for (const [at, i] of order.entries()) {
    for (let next = at + 1; next < order.length && boxes[order[next]][0] - boxes[i][2] <= most; next++) {
      const j = order[next];
      if (rootOf(i) !== rootOf(j) && gap(boxes[i], boxes[j]) <= Math.max(reach[i], reach[j])) parent[rootOf(j)] = rootOf(i);
    }
  }
  const groups = new Map<number, number[]>();
  for (const i of boxes.keys()) {
    const root = rootOf(i);
    const group = groups.get(root);
    if (group === undefined) groups.set(root, [i]);
    else group.push(i);
  }
  return [...groups.values()];
}

/** The larger of the horizontal and the vertical distance; 0 or less where boxes touch or overlap. */
const gap = (a: Box, b: Box): number =>
  Math.max(Math.max(a[0], b[0]) - Math.min(a[2], b[2]), Math.max(a[1], b[1]) - Math.min(a[3], b[3]));
