// Rings as polygons that QuPath reads. From 0.6 on it refuses a file for one polygon whose edges cross or whose parts overlap, so
// rings that meet, such as an outline drawn in one go that crosses itself, are cut along horizontal lines.

import { thousandths } from "../../data/coco/text.ts";
import { type Region, regionAt } from "../../geometry/region.ts";

type Point = readonly [x: number, y: number];
type Polygon = readonly (readonly Point[])[];

/**
 * What the rings enclose (even-odd) as GeoJSON polygons, each an outline followed by its holes, closed, rounded to 0.001 pixels. A
 * ring without area encloses nothing.
 */
export function polygonsOf(rings: Region["rings"]): Polygon[] {
  const loops = rings.map(pointsOf).filter(({ length }) => length >= 3);
  const edges = loops.flatMap((points, ring) =>
    points.map((from, i): Edge => ({ ring, i, from, to: points[(i + 1) % points.length] })),
  );
  const meetings = meetingsOf(edges, loops);
  return meetings === null ? nested(loops.filter((points) => areaOf(points) !== 0)) : cut(edges, meetings);
}

/** The points of a ring, with the first repeated at the end. */
export function closed(ring: readonly number[]): Point[] {
  const points = pointsOf(ring);
  return [...points, points[0]];
}

/** Without points that repeat the one before. */
function pointsOf(ring: readonly number[]): Point[] {
  const points: Point[] = [];
  for (let i = 0; i < ring.length; i += 2) points.push([thousandths(ring[i]), thousandths(ring[i + 1])]);
  return points.filter(([x, y], i) => {
    const [beforeX, beforeY] = points[(i || points.length) - 1];
    return x !== beforeX || y !== beforeY;
  });
}

/** A ring inside an odd number of others is a hole of the innermost outline around it. */
function nested(loops: readonly (readonly Point[])[]): Polygon[] {
  const around = loops.map(([[x, y]], i) => loops.flatMap((loop, j) => (i !== j && encloses(loop, x, y) ? [j] : [])));
  const isOutline = (i: number): boolean => around[i].length % 2 === 0;
  const polygons = new Map<number, Point[][]>();
  for (const [i, loop] of loops.entries()) if (isOutline(i)) polygons.set(i, [[...loop, loop[0]]]);
  for (const [i, loop] of loops.entries()) {
    if (isOutline(i)) continue;
    const [owner] = around[i].filter(isOutline).sort((a, b) => around[b].length - around[a].length);
    polygons.get(owner)?.push([...loop, loop[0]]);
  }
  return [...polygons.values()];
}

const encloses = (loop: readonly Point[], x: number, y: number): boolean =>
  regionAt([{ kind: "complete", rings: [loop.flat()] }], x, y) !== null;

interface Edge {
  readonly ring: number;
  /** Its place in the ring. */
  readonly i: number;
  readonly from: Point;
  readonly to: Point;
}

/** The heights at which edges cross, perhaps none; null when no two edges meet but neighbours in a ring at their common end. */
function meetingsOf(edges: readonly Edge[], loops: readonly (readonly Point[])[]): number[] | null {
  const left = ({ from, to }: Edge): number => Math.min(from[0], to[0]);
  const right = ({ from, to }: Edge): number => Math.max(from[0], to[0]);
  const sorted = edges.toSorted((a, b) => left(a) - left(b));
  const heights: number[] = [];
  let meet = false;
  for (let i = 0; i < sorted.length; i++)
    for (let j = i + 1; j < sorted.length && left(sorted[j]) <= right(sorted[i]); j++) {
      const [a, b] = [sorted[i], sorted[j]];
      const { length } = loops[a.ring];
      const neighbours = a.ring === b.ring && ((a.i + 1) % length === b.i || (b.i + 1) % length === a.i);
      if (neighbours || !touch(a, b)) continue;
      meet = true;
      const height = crossing(a, b);
      if (height !== null) heights.push(height);
    }
  return meet ? heights : null;
}

/** On which side of the edge the point lies: 0 on its line. */
const side = ({ from, to }: Edge, [x, y]: Point): number =>
  Math.sign((to[0] - from[0]) * (y - from[1]) - (to[1] - from[1]) * (x - from[0]));

function touch(a: Edge, b: Edge): boolean {
  const apart = [0, 1].some((axis) => {
    const [a1, a2, b1, b2] = [a.from[axis], a.to[axis], b.from[axis], b.to[axis]];
    return Math.max(a1, a2) < Math.min(b1, b2) || Math.max(b1, b2) < Math.min(a1, a2);
  });
  return !apart && side(a, b.from) * side(a, b.to) <= 0 && side(b, a.from) * side(b, a.to) <= 0;
}

/** The height of the one point that the edges share; null when they lie along each other. */
function crossing({ from: [ax, ay], to: [bx, by] }: Edge, { from: [cx, cy], to: [dx, dy] }: Edge): number | null {
  const determinant = (bx - ax) * (dy - cy) - (by - ay) * (dx - cx);
  if (determinant === 0) return null;
  return ay + (((cx - ax) * (dy - cy) - (cy - ay) * (dx - cx)) / determinant) * (by - ay);
}

/** Between the heights of all ends and crossings no edges cross, so each pair of neighbours bounds a trapezoid. */
function cut(edges: readonly Edge[], meetings: readonly number[]): Polygon[] {
  const heights = [...new Set([...edges.map(({ from }) => from[1]), ...meetings])].sort((a, b) => a - b);
  const polygons: Polygon[] = [];
  for (const [i, bottom] of heights.slice(1).entries()) {
    const top = heights[i];
    const sides = edges
      .filter(({ from, to }) => Math.min(from[1], to[1]) <= top && Math.max(from[1], to[1]) >= bottom && from[1] !== to[1])
      .map((edge) => [xAt(edge, top), xAt(edge, bottom)] as const)
      .sort((a, b) => a[0] + a[1] - b[0] - b[1]);
    for (let k = 0; k + 1 < sides.length; k += 2) {
      const [[topLeft, bottomLeft], [topRight, bottomRight]] = [sides[k], sides[k + 1]];
      const points = pointsOf([topLeft, top, topRight, top, bottomRight, bottom, bottomLeft, bottom]);
      if (areaOf(points) > 0) polygons.push([[...points, points[0]]]);
    }
  }
  return polygons;
}

function xAt({ from, to }: Edge, y: number): number {
  return y === to[1] ? to[0] : from[0] + ((y - from[1]) / (to[1] - from[1])) * (to[0] - from[0]);
}

/** Positive for rings that turn to the right; on the grid of 0.01 pixels on which QuPath puts them. */
function areaOf(points: readonly Point[]): number {
  const grid = (value: number): number => Math.round(value * 100);
  return points.reduce((sum, [x, y], i) => {
    const [nextX, nextY] = points[(i + 1) % points.length];
    return sum + grid(x) * grid(nextY) - grid(nextX) * grid(y);
  }, 0);
}
