// Value noise (Ken Perlin's lattice with plain values): random numbers on a repeating 128 × 128 lattice, interpolated
// smoothly. Everything irregular in the synthetic tissue comes from it. Lengths are in lattice cells.

import type { Random } from "../../random.ts";

const SIZE = 128;
const MASK = SIZE - 1;

export class Noise {
  readonly #lattice = new Float32Array(SIZE * SIZE);

  constructor(random: Random) {
    for (let i = 0; i < this.#lattice.length; i++) this.#lattice[i] = random.uniform(-1, 1);
  }

  /** Smooth noise in [-1, 1] whose features are about one unit wide. */
  at(x: number, y: number): number {
    const column = Math.floor(x);
    const row = Math.floor(y);
    const u = ease(x - column);
    const v = ease(y - row);
    const left = column & MASK;
    const right = (column + 1) & MASK;
    const above = (row & MASK) * SIZE;
    const below = ((row + 1) & MASK) * SIZE;
    const lattice = this.#lattice;
    const top = lattice[above + left] + u * (lattice[above + right] - lattice[above + left]);
    const bottom = lattice[below + left] + u * (lattice[below + right] - lattice[below + left]);
    return top + v * (bottom - top);
  }

  /** Octaves of `at`, each half as wide and half as strong, rotated so that their lattices do not align; about [-1, 1]. */
  fractal(x: number, y: number, octaves: number): number {
    let sum = 0;
    let weight = 0;
    for (let octave = 0, strength = 1; octave < octaves; octave++, strength /= 2) {
      // Rotated by atan(3/4): cos = 0.8, sin = 0.6. The first octave too, otherwise its lattice would be visible.
      const u = 0.8 * x - 0.6 * y;
      const v = 0.6 * x + 0.8 * y;
      sum += strength * this.at(u, v);
      weight += strength;
      x = 2 * u + 17.3;
      y = 2 * v + 5.9;
    }
    return sum / weight;
  }
}

const ease = (t: number): number => t * t * (3 - 2 * t);

/** 0 below `low`, 1 above `high`, a smooth step between. */
export function smoothstep(low: number, high: number, value: number): number {
  const t = (value - low) / (high - low);
  return t <= 0 ? 0 : t >= 1 ? 1 : ease(t);
}
