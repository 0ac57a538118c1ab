// The outlines of a mask as rings. They run through the middles of the edges between pixels, so corners are cut at 45° and rings
// neither cross nor touch; pixels that only meet at a corner are apart.

import type { Mask } from "./mask.ts";

/** Each piece of the mask: its outline and then its holes, closed rings [x0, y0, x1, y1, …] in pixels of the mask. */
export function outlinesOf(mask: Mask): number[][][] {
  const { width, height, data } = mask;
  const at = (x: number, y: number): number => (x >= 0 && y >= 0 && x < width && y < height ? data[y * width + x] : 0);
  const owners = pieceNumbers(mask);
  const seen = new Uint8Array(data.length); // pixels whose upper edge a ring has run along
  const pieces = new Map<number, number[][]>();
  for (let y = 0; y < height; y++)
    for (let x = 0; x < width; x++) {
      if (seen[y * width + x] || !at(x, y) || at(x, y - 1)) continue;
      const ring = follow(at, x, y, (px, py) => {
        seen[py * width + px] = 1;
      });
      const owner = owners[y * width + x];
      const rings = pieces.get(owner); // the outline comes first: it holds the topmost edge of its piece
      if (rings) rings.push(ring);
      else pieces.set(owner, [ring]);
    }
  return [...pieces.values()];
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
  at: (x: number, y: number) => number,
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

/** The number of its piece for each pixel, found row by row by joining pieces that meet. */
function pieceNumbers({ width, height, data }: Mask): Int32Array {
  const numbers = new Int32Array(data.length);
  const parents: number[] = [0];
  const root = (n: number): number => {
    while (parents[n] !== n) n = parents[n] = parents[parents[n]];
    return n;
  };
  for (let y = 0, i = 0; y < height; y++)
    for (let x = 0; x < width; x++, i++) {
      if (!data[i]) continue;
      const beside = x > 0 && data[i - 1] ? root(numbers[i - 1]) : 0;
      const above = y > 0 && data[i - width] ? root(numbers[i - width]) : 0;
      if (beside && above) parents[Math.max(beside, above)] = Math.min(beside, above);
      numbers[i] = beside || above ? Math.min(beside || above, above || beside) : parents.push(parents.length) - 1;
    }
  for (let i = 0; i < numbers.length; i++) numbers[i] = root(numbers[i]);
  return numbers;
}
