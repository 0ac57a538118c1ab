// Boxes, rings and what the pointer touches of them.

import type { Box, Cell, ImageFacts, Region } from "../../../src/api.ts";
import type { Point } from "./view.ts";

export const centre = ([left, top, right, bottom]: Box): Point => [(left + right) / 2, (top + bottom) / 2];

export const area = ([left, top, right, bottom]: Box): number => Math.max(0, right - left) * Math.max(0, bottom - top);

export const boxAround = ([x, y]: Point, side: number): Box => [x - side / 2, y - side / 2, x + side / 2, y + side / 2];

/** With its corners in order. */
export const boxBetween = ([x0, y0]: Point, [x1, y1]: Point): Box => [
  Math.min(x0, x1),
  Math.min(y0, y1),
  Math.max(x0, x1),
  Math.max(y0, y1),
];

export const moved = ([left, top, right, bottom]: Box, dx: number, dy: number): Box => [
  left + dx,
  top + dy,
  right + dx,
  bottom + dy,
];

/** The part of a box inside the image; null when nothing is left. */
export function clipped([left, top, right, bottom]: Box, { width, height }: Pick<ImageFacts, "width" | "height">): Box | null {
  const box: Box = [Math.max(0, left), Math.max(0, top), Math.min(width, right), Math.min(height, bottom)];
  return box[2] - box[0] > 0.5 && box[3] - box[1] > 0.5 ? box : null;
}

export const contains = ([left, top, right, bottom]: Box, [x, y]: Point): boolean =>
  x >= left && x <= right && y >= top && y <= bottom;

export const ringOf = ([left, top, right, bottom]: Box): number[] => [left, top, right, top, right, bottom, left, bottom];

export function boxOfRing(ring: readonly number[]): Box {
  let [left, top, right, bottom] = [Infinity, Infinity, -Infinity, -Infinity];
  for (let i = 0; i < ring.length; i += 2) {
    left = Math.min(left, ring[i]);
    right = Math.max(right, ring[i]);
    top = Math.min(top, ring[i + 1]);
    bottom = Math.max(bottom, ring[i + 1]);
  }
  return [left, top, right, bottom];
}

/** By counting crossings. */
export function inRing(ring: readonly number[], [x, y]: Point): boolean {
  let inside = false;
  for (let i = 0, j = ring.length - 2; i < ring.length; j = i, i += 2) {
    const [ax, ay, bx, by] = [ring[i], ring[i + 1], ring[j], ring[j + 1]];
    if (ay > y !== by > y && x < ((bx - ax) * (y - ay)) / (by - ay) + ax) inside = !inside;
  }
  return inside;
}

/** How far a point is from the nearest edge of a ring. */
export function distanceToRing(ring: readonly number[], [x, y]: Point): number {
  let least = Infinity;
  for (let i = 0, j = ring.length - 2; i < ring.length; j = i, i += 2) {
    const [ax, ay, dx, dy] = [ring[j], ring[j + 1], ring[i] - ring[j], ring[i + 1] - ring[j + 1]];
    const along = Math.max(0, Math.min(1, ((x - ax) * dx + (y - ay) * dy) / (dx * dx + dy * dy || 1)));
    least = Math.min(least, Math.hypot(x - ax - along * dx, y - ay - along * dy));
  }
  return least;
}

/** The eight handles of a box: which of its sides each one moves (-1 left or top, 1 right or bottom). */
export const handles: readonly Point[] = [
  [-1, -1],
  [0, -1],
  [1, -1],
  [1, 0],
  [1, 1],
  [0, 1],
  [-1, 1],
  [-1, 0],
];

/** Pixels of CSS from which on a side has room for handles: a smaller box would lie under them. */
export const leastForHandles = 24;

export const handlePlace = ([left, top, right, bottom]: Box, [sx, sy]: Point): Point => [
  (left + right) / 2 + (sx * (right - left)) / 2,
  (top + bottom) / 2 + (sy * (bottom - top)) / 2,
];

/** The box when a handle is dragged to a place; never thinner than a pixel. */
export function dragged(box: Box, [sx, sy]: Point, [x, y]: Point): Box {
  const [left, top, right, bottom] = box;
  return [
    sx < 0 ? Math.min(x, right - 1) : left,
    sy < 0 ? Math.min(y, bottom - 1) : top,
    sx > 0 ? Math.max(x, left + 1) : right,
    sy > 0 ? Math.max(y, top + 1) : bottom,
  ];
}

/** The smallest cell under a point; a margin makes small ones easy to touch. */
export function cellAt(cells: readonly Cell[], point: Point, margin: number): Cell | null {
  let best: Cell | null = null;
  for (const cell of cells) {
    const [left, top, right, bottom] = cell.box;
    if (!contains([left - margin, top - margin, right + margin, bottom + margin], point)) continue;
    if (!best || area(cell.box) < area(best.box)) best = cell;
  }
  return best;
}

/** The region whose edge is near: its inside belongs to the cells. */
export function regionAt(regions: readonly Region[], point: Point, margin: number): Region | null {
  let [best, least]: [Region | null, number] = [null, margin];
  for (const region of regions) {
    const distance = distanceToRing(region.ring, point);
    if (distance <= least) [best, least] = [region, distance];
  }
  return best;
}

/** The corner of a ring that is near, by its index; -1 for none. */
export function cornerAt(ring: readonly number[], [x, y]: Point, margin: number): number {
  for (let i = 0; i < ring.length; i += 2) if (Math.hypot(ring[i] - x, ring[i + 1] - y) <= margin) return i;
  return -1;
}

/** The side of the box that a click makes, in pixels of the image. */
export const clickSize = (size: number, { mpp }: Pick<ImageFacts, "mpp">): number => (mpp ? size / mpp : size);
