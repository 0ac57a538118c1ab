// Outlines of shapes that annotation tools describe by a centre and an angle. Rings are [x0, y0, x1, y1, …] in pixels, as in
// region.ts; angles are in degrees, clockwise because y points down.

export interface Turn {
  /** The fixed point. */
  readonly x: number;
  readonly y: number;
  readonly degrees: number;
}

export function rotateRing(ring: readonly number[], { x, y, degrees }: Turn): number[] {
  const [cos, sin] = [Math.cos((degrees * Math.PI) / 180), Math.sin((degrees * Math.PI) / 180)];
  const turned: number[] = [];
  for (let i = 0; i < ring.length; i += 2) {
    const [dx, dy] = [ring[i] - x, ring[i + 1] - y];
    turned.push(micros(x + dx * cos - dy * sin), micros(y + dx * sin + dy * cos));
  }
  return turned;
}

const POINTS = 36; // a multiple of 4, so that the ends of both axes are among them; bounds lose at most 0.4 % of the radius

/** Points on an ellipse around (x, y), with radii rx and ry along the axes before it is turned about its centre. */
export function ellipseRing({ rx, ry, ...turn }: Turn & { readonly rx: number; readonly ry: number }): number[] {
  const ring: number[] = [];
  for (let i = 0; i < POINTS; i++) {
    const angle = (2 * Math.PI * i) / POINTS;
    ring.push(turn.x + rx * Math.cos(angle), turn.y + ry * Math.sin(angle));
  }
  return rotateRing(ring, turn);
}

/** Without rounding noise, so that a shape that touches the image's edge does not stick out of it. */
export const micros = (pixels: number): number => Math.round(pixels * 1e6) / 1e6;
