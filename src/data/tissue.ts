// What Ki-67 and H&E images have in common: nests of tumour cells in fibrous stroma, gaps of empty glass, and where the
// cells lie. Positions are pixels; `scale` is pixels for each of our length units, of which a nucleus has about 21.

import type { Random } from "../random.ts";
import { Noise, smoothstep } from "./noise.ts";

export interface Extent {
  readonly width: number;
  readonly height: number;
}

/** A cell's place: the middle of its nucleus and the radius of a circle of the nucleus's area. */
export interface Site {
  readonly x: number;
  readonly y: number;
  readonly radius: number;
}

export class Tissue {
  readonly noise: Noise;
  readonly scale: number;
  readonly #nestLevel: number;
  readonly #gapLevel: number;
  readonly #grain: { readonly cos: number; readonly sin: number };

  /** `nests` and `gaps`: the shares of the area that are tumour and empty glass. */
  constructor(options: Extent & { scale: number; nests: number; gaps: number; random: Random }) {
    const { width, height, scale, nests, gaps, random } = options;
    this.noise = new Noise(random);
    this.scale = scale;
    const probes = Array.from({ length: 300 }, () => [random.uniform(0, width), random.uniform(0, height)] as const);
    this.#nestLevel = quantile(probes.map(([x, y]) => this.#nestField(x, y)), 1 - nests);
    this.#gapLevel = quantile(probes.map(([x, y]) => this.#gapField(x, y)), 1 - gaps);
    const angle = random.uniform(0, Math.PI);
    this.#grain = { cos: Math.cos(angle), sin: Math.sin(angle) };
  }

  /** 1 inside a nest, 0 in the stroma. */
  nest(x: number, y: number): number {
    return smoothstep(-0.05, 0.05, this.#nestField(x, y) - this.#nestLevel);
  }

  /** 1 where there is only glass, 0 in tissue. */
  gap(x: number, y: number): number {
    return smoothstep(-0.01, 0.07, this.#gapField(x, y) - this.#gapLevel);
  }

  /** Strands of collagen: noise in [-1, 1] drawn out along wavy lines. */
  fibre(x: number, y: number): number {
    const along = (x * this.#grain.cos + y * this.#grain.sin) / this.scale;
    const across = this.#across(x, y) / this.scale;
    return 0.6 * this.noise.at(along / 34, across / 3.6) + 0.4 * this.noise.at(along / 15 + 50, across / 1.7 + 50);
  }

  /** The direction of the strands, in radians. */
  fibreAngle(x: number, y: number): number {
    const step = this.scale;
    const slopeX = this.#across(x + step, y) - this.#across(x - step, y);
    const slopeY = this.#across(x, y + step) - this.#across(x, y - step);
    return Math.atan2(-slopeX, slopeY);
  }

  #across(x: number, y: number): number {
    const wave = 110 * this.scale;
    return y * this.#grain.cos - x * this.#grain.sin + 0.35 * wave * this.noise.at(x / wave + 31, y / wave + 7);
  }

  #nestField(x: number, y: number): number {
    return this.noise.fractal(x / (120 * this.scale), y / (120 * this.scale), 3);
  }

  #gapField(x: number, y: number): number {
    return this.noise.fractal(x / (70 * this.scale) + 60, y / (70 * this.scale) + 90, 4);
  }
}

function quantile(values: number[], share: number): number {
  values.sort((a, b) => a - b);
  return values[Math.min(values.length - 1, Math.floor(share * values.length))];
}

/** Cells that keep their distance from each other; a grid makes finding the neighbours quick. */
export class Crowd {
  readonly #pitch: number;
  readonly #squares = new Map<number, Site[]>();

  /** `largest`: no radius is above it. */
  constructor(largest: number) {
    this.#pitch = 2 * largest;
  }

  /** Adds the site if it is at least `distance` × (sum of the radii) away from all others; else false. */
  add(site: Site, distance: number): boolean {
    const column = Math.floor(site.x / this.#pitch);
    const row = Math.floor(site.y / this.#pitch);
    for (let r = row - 1; r <= row + 1; r++) {
      for (let c = column - 1; c <= column + 1; c++) {
        for (const other of this.#squares.get(key(r, c)) ?? []) {
          if (Math.hypot(other.x - site.x, other.y - site.y) < distance * (other.radius + site.radius)) return false;
        }
      }
    }
    const square = this.#squares.get(key(row, column));
    if (square) square.push(site);
    else this.#squares.set(key(row, column), [site]);
    return true;
  }
}

const key = (row: number, column: number): number => row * 65536 + column;

/** Where each pixel lies among the cells, in nuclear radii: how far from the nearest, and how much farther from the next. */
export function cellBodies(extent: Extent, sites: readonly Site[]): { nearest: Float32Array; lead: Float32Array } {
  const { width, height } = extent;
  const nearest = new Float32Array(width * height).fill(BODY);
  const next = new Float32Array(width * height).fill(BODY);
  for (const { x, y, radius } of sites) {
    const reach = radius * BODY;
    const right = Math.min(width - 1, Math.ceil(x + reach));
    const bottom = Math.min(height - 1, Math.ceil(y + reach));
    for (let row = Math.max(0, Math.floor(y - reach)); row <= bottom; row++) {
      for (let column = Math.max(0, Math.floor(x - reach)); column <= right; column++) {
        const distance = Math.sqrt((column + 0.5 - x) ** 2 + (row + 0.5 - y) ** 2) / radius;
        const pixel = row * width + column;
        if (distance < nearest[pixel]) {
          next[pixel] = nearest[pixel];
          nearest[pixel] = distance;
        } else if (distance < next[pixel]) {
          next[pixel] = distance;
        }
      }
    }
  }
  for (let pixel = 0; pixel < next.length; pixel++) next[pixel] -= nearest[pixel];
  return { nearest, lead: next };
}

/** Cells end this many nuclear radii from their middle where no neighbour is nearer. */
const BODY = 2.6;
