// The part of a region that lies in a rectangle, so that an outline of a whole slide is not written with each of its windows.

import type { Box } from "./box.ts";
import { type Region, ringBounds } from "./region.ts";

/**
 * Cuts each ring at the four sides, one after another (Sutherland and Hodgman). What is outside is drawn onto the side, where it
 * encloses nothing, so the even-odd rule still tells the inside, also of concave rings and of holes. null where nothing is left.
 */
export function clipRegion(region: Region, box: Box): Region | null {
  const rings = region.rings.map((ring) => clipped(ring, box)).filter((ring) => hasArea(ringBounds([ring])));
  return rings.length === 0 ? null : { kind: region.kind, rings };
}

const hasArea = ([x1, y1, x2, y2]: Box): boolean => x1 < x2 && y1 < y2;

function clipped(ring: readonly number[], [x1, y1, x2, y2]: Box): readonly number[] {
  let part = ring;
  for (const [axis, limit, sign] of [
    [0, x1, 1],
    [0, x2, -1],
    [1, y1, 1],
    [1, y2, -1],
  ] as const)
    part = cut(part, axis, limit, sign);
  return part;
}

/** Keeps what lies on one side of a line: where `sign` · (coordinate − limit) is not negative. */
function cut(ring: readonly number[], axis: 0 | 1, limit: number, sign: 1 | -1): readonly number[] {
  const beyond = (i: number): number => sign * (ring[i + axis] - limit);
  const kept: number[] = [];
  let cuts = false;
  for (let i = 0, j = ring.length - 2; i < ring.length; j = i, i += 2) {
    const [before, here] = [beyond(j), beyond(i)];
    if (before < 0 !== here < 0) {
      const share = before / (before - here);
      const other = ring[j + 1 - axis] + share * (ring[i + 1 - axis] - ring[j + 1 - axis]);
      kept.push(...(axis === 0 ? [limit, other] : [other, limit]));
    }
    if (here >= 0) kept.push(ring[i], ring[i + 1]);
    else cuts = true;
  }
  return cuts ? kept : ring;
}
