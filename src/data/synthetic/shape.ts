// Outlines of nuclei and chromosomes as signed distances, painted with a soft edge.
// Lengths are in pixels; a pixel's position is its centre.

import type { Random } from "../../random.ts";
import { type Noise, smoothstep } from "./noise.ts";

export interface Shape {
  readonly x: number;
  readonly y: number;
  /** No part of the shape is farther from (x, y) than this. */
  readonly reach: number;
  /** The approximate distance to the outline at (x + dx, y + dy); negative inside. */
  distance(dx: number, dy: number): number;
}

const SPOKES = 64;

/**
 * An ellipse with the area of a circle of `radius`, `elongation` times as long as wide, with its long axis at `angle`;
 * `irregularity` is the relative size of its bumps and dents.
 */
export function blob(options: {
  x: number;
  y: number;
  radius: number;
  elongation: number;
  angle: number;
  irregularity: number;
  random: Random;
}): Shape {
  const { x, y, radius, elongation, angle, irregularity, random } = options;
  const waves = [2, 3, 4, 5].map((count) => ({
    count,
    size: (random.normal() * irregularity) / count,
    phase: random.uniform(0, 7),
  }));
  const spokes = new Float32Array(SPOKES + 1);
  let reach = 0;
  for (let i = 0; i < SPOKES; i++) {
    const direction = (i / SPOKES) * 2 * Math.PI;
    const along = Math.cos(direction - angle);
    const across = Math.sin(direction - angle);
    const ellipse = radius / Math.sqrt((along * along) / elongation + across * across * elongation);
    const bumps = waves.reduce((sum, { count, size, phase }) => sum + size * Math.cos(count * direction + phase), 1);
    spokes[i] = ellipse * Math.max(0.5, bumps);
    reach = Math.max(reach, spokes[i]);
  }
  spokes[SPOKES] = spokes[0];
  return {
    x,
    y,
    reach,
    distance(dx, dy) {
      const turn = Math.atan2(dy, dx) / (2 * Math.PI);
      const spoke = (turn < 0 ? turn + 1 : turn) * SPOKES;
      const i = Math.min(SPOKES - 1, Math.floor(spoke));
      return Math.sqrt(dx * dx + dy * dy) - (spokes[i] + (spoke - i) * (spokes[i + 1] - spokes[i]));
    },
  };
}

/** A rod with round ends, bent like a bow by `bend` pixels at its ends. */
export function rod(options: { x: number; y: number; length: number; thickness: number; angle: number; bend: number }): Shape {
  const { x, y, length, thickness, angle, bend } = options;
  const [cos, sin, half, radius] = [Math.cos(angle), Math.sin(angle), length / 2, thickness / 2];
  const straight = half - radius;
  return {
    x,
    y,
    reach: half + Math.abs(bend) + radius,
    distance(dx, dy) {
      const along = dx * cos + dy * sin;
      const bow = bend * (along / half) ** 2;
      return Math.hypot(Math.max(0, Math.abs(along) - straight), dy * cos - dx * sin - bow) - radius;
    },
  };
}

/** A ring whose wall runs at `radius` from its centre. */
export function ring(options: { x: number; y: number; radius: number; thickness: number }): Shape {
  const { x, y, radius, thickness } = options;
  return { x, y, reach: radius + thickness / 2, distance: (dx, dy) => Math.abs(Math.hypot(dx, dy) - radius) - thickness / 2 };
}

/** The union of the shapes around the point (x, y). */
export function union(x: number, y: number, parts: readonly Shape[]): Shape {
  return {
    x,
    y,
    reach: Math.max(...parts.map((part) => Math.hypot(part.x - x, part.y - y) + part.reach)),
    distance(dx, dy) {
      let least = Infinity;
      for (const part of parts) least = Math.min(least, part.distance(x + dx - part.x, y + dy - part.y));
      return least;
    },
  };
}

/** The shape with a rough outline: bumps and hairs of up to `height` pixels, about `period` pixels wide. */
export function roughen(shape: Shape, options: { noise: Noise; height: number; period: number }): Shape {
  const { noise, height, period } = options;
  return {
    ...shape,
    reach: shape.reach + height,
    distance: (dx, dy) => shape.distance(dx, dy) + height * noise.fractal((shape.x + dx) / period, (shape.y + dy) / period, 2),
  };
}

/**
 * Calls `visit` for every pixel of a `width` × `height` raster that the shape touches. `cover` in (0, 1] fades over
 * `softness` pixels on both sides of the outline; `depth` is the distance from the outline inwards; `pixel` is
 * row × width + column.
 */
export function paint(
  raster: { readonly width: number; readonly height: number },
  options: { shape: Shape; softness: number },
  visit: (pixel: number, cover: number, depth: number, column: number, row: number) => void,
): void {
  const { shape, softness } = options;
  const reach = shape.reach + softness;
  const right = Math.min(raster.width - 1, Math.ceil(shape.x + reach));
  const bottom = Math.min(raster.height - 1, Math.ceil(shape.y + reach));
  for (let row = Math.max(0, Math.floor(shape.y - reach)); row <= bottom; row++) {
    for (let column = Math.max(0, Math.floor(shape.x - reach)); column <= right; column++) {
      const distance = shape.distance(column + 0.5 - shape.x, row + 0.5 - shape.y);
      if (distance >= softness) continue;
      visit(row * raster.width + column, 1 - smoothstep(-softness, softness, distance), -distance, column, row);
    }
  }
}
