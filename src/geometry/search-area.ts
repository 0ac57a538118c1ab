// Where on a large picture is searched. A window is searched when its core touches the area, and a cell counts when its centre lies
// in it, so that what is found does not depend on how windows lie.

/** A part of a picture, in its pixels; `everywhere` is all of it. */
export interface SearchArea {
  /** Whether any of it lies in the rectangle; may also be true close by. */
  touches(x1: number, y1: number, x2: number, y2: number): boolean;
  holds(x: number, y: number): boolean;
}

export const everywhere: SearchArea = { touches: () => true, holds: () => true };

/** The part of `a` that lies in `b`. */
export const both = (a: SearchArea, b: SearchArea): SearchArea => ({
  touches: (x1, y1, x2, y2) => a.touches(x1, y1, x2, y2) && b.touches(x1, y1, x2, y2),
  holds: (x, y) => a.holds(x, y) && b.holds(x, y),
});

/** All but the area. */
export const except = (area: SearchArea): SearchArea => ({ touches: () => true, holds: (x, y) => !area.holds(x, y) });

const STRIP = 64; // pixels

/**
 * What polygons enclose: each a list of closed rings [x0, y0, x1, y1, …], an outline and its holes (even-odd). Polygons may
 * overlap.
 *
 * @example
 * const area = polygonArea([[[0, 0, 5000, 0, 5000, 4000, 0, 4000]]]); // a rectangle
 * for await (const { cells } of detectSlide(detector, slide, { area })) console.log(cells.scores.length);
 */
export function polygonArea(polygons: readonly (readonly (readonly number[])[])[]): SearchArea {
  const parts = polygons.map(polygonOf);
  return {
    touches: (x1, y1, x2, y2) =>
      parts.some((part) => part.x1 < x2 && part.x2 > x1 && part.y1 < y2 && part.y2 > y1 && part.touches(x1, y1, x2, y2)),
    holds: (x, y) => parts.some((part) => part.holds(x, y)),
  };
}

type Edge = readonly [x1: number, y1: number, x2: number, y2: number];

/** One polygon, with its edges by horizontal strips, so that outlines of many points are quick to ask. */
function polygonOf(rings: readonly (readonly number[])[]) {
  const strips = new Map<number, Edge[]>();
  let [left, top, right, bottom] = [Infinity, Infinity, -Infinity, -Infinity];
  for (const ring of rings)
    for (let i = 0, j = ring.length - 2; i < ring.length; j = i, i += 2) {
      const edge: Edge = [ring[j], ring[j + 1], ring[i], ring[i + 1]];
      [left, right] = [Math.min(left, ring[i]), Math.max(right, ring[i])];
      [top, bottom] = [Math.min(top, ring[i + 1]), Math.max(bottom, ring[i + 1])];
      const [low, high] = [Math.min(edge[1], edge[3]), Math.max(edge[1], edge[3])].map((y) => Math.floor(y / STRIP));
      for (let strip = low; strip <= high; strip++) {
        const edges = strips.get(strip);
        if (edges) edges.push(edge);
        else strips.set(strip, [edge]);
      }
    }
  const holds = (x: number, y: number): boolean => {
    if (x < left || x > right || y < top || y > bottom) return false;
    let inside = false;
    for (const [ax, ay, bx, by] of strips.get(Math.floor(y / STRIP)) ?? [])
      if (by > y !== ay > y && x < ((ax - bx) * (y - by)) / (ay - by) + bx) inside = !inside;
    return inside;
  };
  const crosses = (x1: number, y1: number, x2: number, y2: number): boolean => {
    for (let strip = Math.floor(Math.max(y1, top) / STRIP); strip <= Math.floor(Math.min(y2, bottom) / STRIP); strip++)
      for (const edge of strips.get(strip) ?? []) if (meets(edge, x1, y1, x2, y2)) return true;
    return false;
  };
  /** Either an outline passes through the rectangle, or the rectangle lies wholly inside or outside. */
  const touches = (x1: number, y1: number, x2: number, y2: number): boolean =>
    crosses(x1, y1, x2, y2) || holds((x1 + x2) / 2, (y1 + y2) / 2);
  return { x1: left, y1: top, x2: right, y2: bottom, holds, touches };
}

/** Whether a part of the edge lies in the rectangle (Liang and Barsky). */
function meets([ax, ay, bx, by]: Edge, x1: number, y1: number, x2: number, y2: number): boolean {
  let [from, to] = [0, 1];
  for (const [start, step, low, high] of [
    [ax, bx - ax, x1, x2],
    [ay, by - ay, y1, y2],
  ]) {
    if (step === 0) {
      if (start < low || start > high) return false;
      continue;
    }
    const [first, last] = [(low - start) / step, (high - start) / step];
    from = Math.max(from, Math.min(first, last));
    to = Math.min(to, Math.max(first, last));
  }
  return from <= to;
}
