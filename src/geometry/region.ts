// Parts of an image about which more is known than the annotations say. In pixels, from the image's top left corner.

import type { Box } from "./box.ts";

/**
 * complete: every cell inside is annotated, so unmarked places are certainly background.
 * ignore: nothing inside counts, neither in training nor in evaluation (a blurred corner, a part nobody annotated).
 * A point in both is ignored.
 */
export interface Region {
  readonly kind: RegionKind;
  /** Closed rings [x0, y0, x1, y1, …] of at least 3 points. Inside is what an odd number of rings encloses: a ring in a ring is a hole. */
  readonly rings: readonly (readonly number[])[];
}

export type RegionKind = "complete" | "ignore";

/** The kind of region that contains the point; null when none does. */
export function regionAt(regions: readonly Region[] | undefined, x: number, y: number): RegionKind | null {
  let kind: RegionKind | null = null;
  for (const region of regions ?? []) {
    if (kind === region.kind || !encloses(region, x, y)) continue;
    if (region.kind === "ignore") return "ignore";
    kind = "complete";
  }
  return kind;
}

/** The region with `move` applied to every point. */
export function moveRegion(region: Region, move: (x: number, y: number) => readonly [number, number]): Region {
  const rings = region.rings.map((ring) => {
    const moved: number[] = [];
    for (let i = 0; i < ring.length; i += 2) moved.push(...move(ring[i], ring[i + 1]));
    return moved;
  });
  return { kind: region.kind, rings };
}

/** The smallest rectangle around rings. */
export function ringBounds(rings: Region["rings"]): Box {
  let [x1, y1, x2, y2] = [Infinity, Infinity, -Infinity, -Infinity];
  for (const ring of rings)
    for (let i = 0; i < ring.length; i += 2) {
      [x1, x2] = [Math.min(x1, ring[i]), Math.max(x2, ring[i])];
      [y1, y2] = [Math.min(y1, ring[i + 1]), Math.max(y2, ring[i + 1])];
    }
  return [x1, y1, x2, y2];
}

/** The rectangle from (x1, y1) to (x2, y2) as a ring. */
export const rectangleRing = (x1: number, y1: number, x2: number, y2: number): number[] => [x1, y1, x2, y1, x2, y2, x1, y2];

// Even-odd rule: a ray to the right crosses the rings an odd number of times. Left and top edges belong to the region, right
// and bottom edges do not, so that adjacent regions share no point.
function encloses({ rings }: Region, x: number, y: number): boolean {
  let inside = false;
  for (const ring of rings) {
    for (let i = 0, j = ring.length - 2; i < ring.length; j = i, i += 2) {
      const [x1, y1, x2, y2] = [ring[i], ring[i + 1], ring[j], ring[j + 1]];
      if (y1 > y !== y2 > y && x < ((x2 - x1) * (y - y1)) / (y2 - y1) + x1) inside = !inside;
    }
  }
  return inside;
}
