// What Ki-67 and H&E images have in common: nests of tumour cells in fibrous stroma, gaps of empty glass, and the positions of
// cells. Positions are in pixels and may be outside the image, from where cells reach into it. `scale` is pixels per unit of
// length; a tumour nucleus is about 21 units wide.

import type { Random } from "../../random.ts";
import { Noise, smoothstep } from "./noise.ts";

/** A cell's position: the centre of its nucleus and the radius of a circle with the area of the nucleus. */
export interface Site {
  readonly x: number;
  readonly y: number;
  readonly radius: number;
}

type Range = readonly [low: number, high: number];

/** No site's radius is above this, in units. */
const LARGEST = 15;
/** Cells end this many nuclear radii from their centre unless a neighbour is nearer. */
const BODY = 2.6;

export class Tissue {
  readonly width: number;
  readonly height: number;
  readonly scale: number;
  readonly noise: Noise;
  readonly #random: Random;
  readonly #nestLevel: number;
  readonly #gapLevel: number;
  readonly #grain: { readonly cos: number; readonly sin: number };
  /** The sites so far, in squares of twice the largest radius, to find neighbours quickly. */
  readonly #squares = new Map<string, Site[]>();

  /** `nests` and `gaps`: the fractions of the area that are tumour and empty glass, below 1. */
  constructor(options: { width: number; height: number; scale: number; nests: number; gaps: number; random: Random }) {
    const { width, height, scale, nests, gaps, random } = options;
    this.width = width;
    this.height = height;
    this.scale = scale;
    this.noise = new Noise(random);
    this.#random = random;
    const probes = Array.from({ length: 300 }, () => [random.uniform(0, width), random.uniform(0, height)] as const);
    const level = (share: number, values: number[]) => values.sort((a, b) => b - a)[Math.floor(share * probes.length)];
    this.#nestLevel = level(
      nests,
      probes.map(([x, y]) => this.#nestField(x, y)),
    );
    this.#gapLevel = level(
      gaps,
      probes.map(([x, y]) => this.#gapField(x, y)),
    );
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

  /** The direction of the strands in radians. */
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

  /** The count for this area, given the count in 256 × 256 units. */
  count([low, high]: Range): number {
    const area = (this.width / this.scale + 2 * LARGEST) * (this.height / this.scale + 2 * LARGEST);
    return Math.round((area / 256 ** 2) * this.#random.uniform(low, high));
  }

  /** A position in the image or just outside it. */
  anywhere(): { x: number; y: number } {
    const margin = LARGEST * this.scale;
    return { x: this.#random.uniform(-margin, this.width + margin), y: this.#random.uniform(-margin, this.height + margin) };
  }

  /** Up to `count` new cells with radii in units; fewer in crowded tissue. Some of them touch. */
  populate(options: { count: number; radius: Range; where: "nest" | "stroma" | "anywhere" }): Site[] {
    const { count, radius, where } = options;
    const sites: Site[] = [];
    for (let attempt = 0; sites.length < count && attempt < 60 * count; attempt++) {
      const site = { ...this.anywhere(), radius: this.scale * this.#random.uniform(...radius) };
      const nest = where === "anywhere" ? null : this.nest(site.x, site.y) > 0.5;
      if ((nest !== null && nest !== (where === "nest")) || this.gap(site.x, site.y) > 0.3) continue;
      if (this.#claim(site, this.#random.uniform(0.9, 1.15))) sites.push(site);
    }
    return sites;
  }

  /** As `populate`, but at least one cell, all inside the image and apart from the others, in a nest if possible. */
  populateInside(options: { count: number; radius: Range }): Site[] {
    const { count, radius } = options;
    const sites: Site[] = [];
    for (let attempt = 0; sites.length < count && attempt < 100 * count; attempt++) {
      const position = { x: this.#random.uniform(0, this.width), y: this.#random.uniform(0, this.height) };
      const good = this.nest(position.x, position.y) > 0.5 && this.gap(position.x, position.y) < 0.3;
      if (!good && (sites.length > 0 || attempt < 90)) continue;
      const site = { ...position, radius: this.scale * this.#random.uniform(...radius) };
      if (this.#claim(site, 1.2)) sites.push(site);
    }
    return sites;
  }

  /** Takes the site if it is at least `distance` × (sum of the radii) away from all others. */
  #claim(site: Site, distance: number): boolean {
    const pitch = 2 * LARGEST * this.scale * 1.2;
    const column = Math.floor(site.x / pitch);
    const row = Math.floor(site.y / pitch);
    for (let r = row - 1; r <= row + 1; r++) {
      for (let c = column - 1; c <= column + 1; c++) {
        for (const other of this.#squares.get(`${r} ${c}`) ?? []) {
          if (Math.hypot(other.x - site.x, other.y - site.y) < distance * (other.radius + site.radius)) return false;
        }
      }
    }
    const square = this.#squares.get(`${row} ${column}`);
    if (square === undefined) this.#squares.set(`${row} ${column}`, [site]);
    else square.push(site);
    return true;
  }

  /** Each pixel's distance to the nearest cell's centre, and how much farther the next one's is; in nuclear radii. */
  cellBodies(sites: readonly Site[]): { nearest: Float32Array; lead: Float32Array } {
    const { width, height } = this;
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
}
