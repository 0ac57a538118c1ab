// The outlines of a mask as rings. They run through the middles of the edges between pixels, so corners are cut at 45° and rings
// neither cross nor touch; pixels that only meet at a corner are apart.

import { emptyMask, has, type Mask, put } from "./mask.ts";
import { runsOf } from "./mask-pieces.ts";

/** Each piece of the mask: its outline and then its holes, closed rings [x0, y0, x1, y1, …] in pixels of the mask. */
export function outlinesOf(mask: Mask): number[][][] {
  const { width, height } = mask;
  const at = (x: number, y: number): boolean => x >= 0 && y >= 0 && x < width && y < height && has(mask, x, y);
  const seen = emptyMask(mask); // pixels whose upper edge a ring has run along
  const outlines = new Map<number, number[][]>();
  const { rows, from, to, pieces } = runsOf(mask);
  for (const [run, piece] of pieces.entries())
    for (let x = from[run], y = rows[run]; x < to[run]; x++) {
      if (has(seen, x, y) || at(x, y - 1)) continue;
      const ring = follow(at, x, y, (px, py) => put(seen, px, py));
      const rings = outlines.get(piece); // the outline comes first: it holds the topmost edge of its piece
      if (rings) rings.push(ring);
      else outlines.set(piece, [ring]);
    }
  return [...outlines.values()];
}

/** To the right, down, left, up: the way along an edge with the pixel on the right-hand side. */
const WAYS = [
  [1, 0],
  [0, 1],
  [-1, 0],
  [0, -1],
] as const;

/** The ring that begins with the upper edge of a pixel; clockwise around a piece. */
function follow(
  at: (x: number, y: number) => boolean,
  startX: number,
  startY: number,
  onUpperEdge: (x: number, y: number) => void,
): number[] {
  const points: number[] = [];
  let [x, y, way] = [startX, startY, 0]; // a corner of pixels, and the way on from it
  do {
    const [dx, dy] = WAYS[way];
    if (way === 0) onUpperEdge(x, y);
    points.push(x + dx / 2, y + dy / 2);
    [x, y] = [x + dx, y + dy];
    const right = at(x + [0, -1, -1, 0][way], y + [0, 0, -1, -1][way]); // ahead of the corner, on the right-hand side
    const left = at(x + [0, 0, -1, -1][way], y + [-1, 0, 0, -1][way]);
    if (!right) way = (way + 1) % 4;
    else if (left) way = (way + 3) % 4;
  } while (x !== startX || y !== startY || way !== 0);
  return withoutStraight(points);
}

/** Without points on the straight way between their neighbours. */
function withoutStraight(points: readonly number[]): number[] {
  const ring: number[] = [];
  const n = points.length;
  for (let i = 0; i < n; i += 2) {
    const [px, py] = [points[(i + n - 2) % n], points[(i + n - 1) % n]];
    const [x, y, nx, ny] = [points[i], points[i + 1], points[(i + 2) % n], points[(i + 3) % n]];
    if ((x - px) * (ny - y) !== (y - py) * (nx - x)) ring.push(x, y);
  }
  return ring;
}
