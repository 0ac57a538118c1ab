// A nucleus between divisions: a membrane, clumps of chromatin with clear patches between them, nucleoli.

import type { Random } from "../../random.ts";
import { smoothstep } from "./noise.ts";
import { blob, paint } from "./shape.ts";
import type { Section } from "./stain.ts";
import type { Site, Tissue } from "./tissue.ts";

export interface Look {
  /** Length over width. */
  readonly elongation: number;
  /** Of the long axis, in radians. */
  readonly angle: number;
  /** Concentrations of the stains in dense chromatin. */
  readonly hematoxylin: number;
  readonly second: number;
  /** How much lighter the patches between the clumps are: 0 is evenly dark, 1 is empty. */
  readonly open: number;
}

/** Covers most of what was painted before: the section is little thicker than a nucleus. */
export function paintNucleus(section: Section, options: { site: Site; look: Look; tissue: Tissue; random: Random }): void {
  const { site, look, tissue, random } = options;
  const { scale, noise } = tissue;
  const shape = blob({ ...site, elongation: look.elongation, angle: look.angle, irregularity: 0.085, random });
  // Most nuclei are in focus, a few are not.
  const softness = scale * (0.7 + 1.3 * random.uniform() ** 3);
  const shift = random.uniform(0, 100);
  const membrane = random.uniform(0.7, 1.1);
  const nucleoli = Array.from({ length: random.integer(4) }, () => {
    const [distance, direction] = [random.uniform(0, 0.55) * site.radius, random.uniform(0, 2 * Math.PI)];
    const [x, y] = [site.x + distance * Math.cos(direction), site.y + distance * Math.sin(direction)];
    return { x, y, radius: scale * random.uniform(1.1, 2.3) };
  });
  paint(section, { shape, softness }, (pixel, cover, depth, column, row) => {
    const clumps = smoothstep(-0.4, 0.5, noise.fractal(column / (3.4 * scale) + shift, row / (3.4 * scale), 2));
    const rim = membrane * smoothstep(2.6 * scale, 0.8 * scale, depth);
    let chromatin = 1 - look.open + look.open * Math.max(1.1 * clumps, rim);
    for (const { x, y, radius } of nucleoli) {
      const distance = Math.hypot(column + 0.5 - x, row + 0.5 - y);
      chromatin += 0.45 * smoothstep(radius + 0.6 * scale, radius - 0.6 * scale, distance);
    }
    section.hematoxylin[pixel] += cover * (look.hematoxylin * chromatin - 0.8 * section.hematoxylin[pixel]);
    section.second[pixel] += cover * (look.second * chromatin - 0.5 * section.second[pixel]);
  });
}
