// Dividing cells and dying cells, which are easily confused. A mitotic figure is condensed chromatin without a
// membrane, dark and with a rough outline, in a cleared cell: a clump (prometaphase), a plate or a ring (metaphase from
// the side or from the pole), two parallel plates (anaphase). A dying cell's chromatin is as dark, but smooth and round,
// and its body is shrunken and strongly pink.

import type { Random } from "../../random.ts";
import { blob, paint, ring, rod, roughen, type Shape, union } from "./shape.ts";
import type { Section } from "./stain.ts";
import type { Site, Tissue } from "./tissue.ts";

/** Paints a dividing cell in the middle of the site. */
export function paintMitoticFigure(section: Section, options: { site: Site; tissue: Tissue; random: Random }): void {
  const { site, tissue, random } = options;
  const { scale, noise } = tissue;
  const angle = random.uniform(0, Math.PI);
  const cell = blob({ ...site, radius: site.radius * 1.15, elongation: 1.1, angle, irregularity: 0.05, random });
  thin(section, cell, { softness: 4 * scale, amount: random.uniform(0.25, 0.6) });
  const [height, period] = [scale * random.uniform(1.3, 2.4), scale * random.uniform(2, 3)];
  const shape = roughen(chromosomes({ ...site, angle, scale, random }), { noise, height, period });
  const dark = random.uniform(0.95, 1.4);
  paint(section, { shape, softness: scale * random.uniform(0.7, 1.3) }, (pixel, cover, _depth, column, row) => {
    const grain = noise.fractal(column / (2.4 * scale) + 70, row / (2.4 * scale), 1);
    section.hematoxylin[pixel] += cover * (dark * (1 + 0.15 * grain) - section.hematoxylin[pixel]);
    section.second[pixel] -= cover * 0.3 * section.second[pixel];
  });
}

/** The chromatin of one phase of mitosis around (x, y). */
function chromosomes(options: { x: number; y: number; angle: number; scale: number; random: Random }): Shape {
  const { x, y, angle, scale, random } = options;
  const length = scale * random.uniform(17, 24);
  const thickness = scale * random.uniform(5, 7.5);
  const phase = random.uniform();
  if (phase < 0.35) return rod({ x, y, length, thickness: thickness + scale, angle, bend: scale * random.normal(0, 1.2) });
  if (phase < 0.46) return ring({ x, y, radius: scale * random.uniform(6, 8), thickness });
  if (phase < 0.75) {
    const apart = scale * random.uniform(5, 8.5);
    const [stepX, stepY] = [-Math.sin(angle) * apart, Math.cos(angle) * apart];
    const bend = scale * random.uniform(0, 2.5);
    const plate = { length: 0.85 * length, thickness: 0.85 * thickness, angle };
    return union(x, y, [
      rod({ ...plate, x: x + stepX, y: y + stepY, bend }),
      rod({ ...plate, x: x - stepX, y: y - stepY, bend: -bend }),
    ]);
  }
  const lump = () =>
    blob({
      x: x + scale * random.normal(0, 3.2),
      y: y + scale * random.normal(0, 3.2),
      radius: scale * random.uniform(2.2, 4),
      elongation: random.uniform(1, 2),
      angle: random.uniform(0, Math.PI),
      irregularity: 0.2,
      random,
    });
  return union(x, y, Array.from({ length: 6 + random.integer(5) }, lump));
}

/** Paints a dying cell: one or a few smooth, evenly dark drops. */
export function paintDyingCell(section: Section, options: { site: Site; scale: number; random: Random }): void {
  const { site, scale, random } = options;
  const round = (x: number, y: number, radius: number) =>
    blob({ x, y, radius, elongation: random.uniform(1, 1.35), angle: random.uniform(0, Math.PI), irregularity: 0.04, random });
  thin(section, round(site.x, site.y, 1.5 * site.radius + 2 * scale), { softness: 2.5 * scale, amount: 0.6 });
  const pink = random.uniform(0.32, 0.5);
  paint(section, { shape: round(site.x, site.y, 1.35 * site.radius), softness: 1.5 * scale }, (pixel, cover) => {
    section.second[pixel] += cover * (pink - section.second[pixel]);
  });
  const drops = random.uniform() < 0.55 ? 1 : 2 + random.integer(3);
  const dark = random.uniform(0.95, 1.35);
  for (let i = 0; i < drops; i++) {
    const away = drops === 1 ? 0 : site.radius * random.uniform(0.3, 0.9);
    const direction = random.uniform(0, 2 * Math.PI);
    const radius = site.radius * (drops === 1 ? random.uniform(0.75, 1) : random.uniform(0.25, 0.5));
    const drop = round(site.x + away * Math.cos(direction), site.y + away * Math.sin(direction), radius);
    paint(section, { shape: drop, softness: 0.9 * scale }, (pixel, cover) => {
      section.hematoxylin[pixel] += cover * (dark - section.hematoxylin[pixel]);
    });
  }
}

/** Removes the fraction `amount` of both stains inside the shape. */
function thin(section: Section, shape: Shape, options: { softness: number; amount: number }): void {
  paint(section, { shape, softness: options.softness }, (pixel, cover) => {
    section.hematoxylin[pixel] *= 1 - cover * options.amount;
    section.second[pixel] *= 1 - cover * options.amount;
  });
}
