// Hematoxylin and eosin: mitotic figures, which are the truth, among many interphase nuclei. A figure is condensed
// chromatin without a membrane, dark and with a rough outline, in a cleared cell: a clump (prometaphase), a plate or a
// ring (metaphase from the side or the pole), or two parallel plates (anaphase). Dark nuclei that are none of these
// are there to be told apart: pyknotic and apoptotic ones, which are smooth, lymphocytes, hyperchromatic nuclei.

import type { Random } from "../random.ts";
import { type Noise, smoothstep } from "./noise.ts";
import { blob, paint, ring, rod, roughen, type Shape, union } from "./shape.ts";
import type { Section } from "./stain.ts";
import { cellBodies, Crowd, type Site, Tissue } from "./tissue.ts";

/** Cells in 256 × 256 pixels at scale 1. */
const DENSITY = { tumour: [34, 50], spindle: [4, 10], lymphocyte: [0, 5], pyknotic: [1, 3.5] } as const;
const TILE = 256 * 256;
/** How likely 1, 2, 3 and 4 figures are in an image, whatever its size. */
const FIGURES = [0.4, 0.3, 0.2, 0.1];

/** Paints one field of view and returns the middles of the mitotic figures, all of them inside the image. */
export function paintMitosis(section: Section, options: { scale: number; random: Random }): Site[] {
  const { scale, random } = options;
  const { width, height, hematoxylin, second: eosin } = section;
  const tissue = new Tissue({ width, height, scale, nests: random.uniform(0.62, 0.95), gaps: random.uniform(0, 0.07), random });
  const { noise } = tissue;
  const margin = 15 * scale;
  const tiles = ((width + 2 * margin) * (height + 2 * margin)) / (TILE * scale * scale);
  const count = ([low, high]: readonly [number, number]) => Math.round(tiles * random.uniform(low, high));
  const anywhere = () => ({ x: random.uniform(-margin, width + margin), y: random.uniform(-margin, height + margin) });

  const crowd = new Crowd(16 * scale);
  const figures: Site[] = [];
  let chance = random.uniform();
  const wantedFigures = 1 + FIGURES.findIndex((share) => (chance -= share) < 0);
  for (let attempt = 0; figures.length < Math.max(1, wantedFigures) && attempt < 200; attempt++) {
    const site = { x: random.uniform(0, width), y: random.uniform(0, height), radius: scale * random.uniform(13, 15) };
    const fits = attempt > 150 || (tissue.nest(site.x, site.y) > 0.5 && tissue.gap(site.x, site.y) < 0.3);
    if (fits && crowd.add(site, 1.3)) figures.push(site);
  }
  const place = (wanted: number, radius: readonly [number, number], accept: (x: number, y: number) => boolean): Site[] => {
    const sites: Site[] = [];
    for (let attempt = 0; sites.length < wanted && attempt < 60 * wanted; attempt++) {
      const site = { ...anywhere(), radius: scale * random.uniform(...radius) };
      if (accept(site.x, site.y) && tissue.gap(site.x, site.y) < 0.3 && crowd.add(site, random.uniform(0.92, 1.15))) sites.push(site);
    }
    return sites;
  };
  const dying = place(count(DENSITY.pyknotic), [6, 8], (x, y) => tissue.nest(x, y) > 0.3);
  const cells = place(count(DENSITY.tumour), [8.6, 12.6], (x, y) => tissue.nest(x, y) > 0.5);
  const spindles = place(count(DENSITY.spindle), [5, 7], (x, y) => tissue.nest(x, y) < 0.3);
  const lymphocytes = place(count(DENSITY.lymphocyte), [6, 7.4], (x, y) => tissue.nest(x, y) < 0.7);

  // Cytoplasm, collagen, glass.
  const { nearest, lead } = cellBodies(section, [...cells, ...dying, ...figures]);
  const [purple, pink] = [random.uniform(0.06, 0.13), random.uniform(0.22, 0.34)];
  for (let row = 0, pixel = 0; row < height; row++) {
    for (let column = 0; column < width; column++, pixel++) {
      const x = column / scale;
      const y = row / scale;
      const fine = noise.fractal(x / 2.8 + 9, y / 2.8, 2);
      const clump = noise.fractal(x / 8, y / 8 + 40, 3);
      const body = smoothstep(2.5, 1.8, nearest[pixel] + 0.3 * clump);
      const border = smoothstep(0.26, 0.04, lead[pixel] + 0.1 * fine) * body;
      const nest = Math.max(tissue.nest(column, row), body);
      const strand = tissue.fibre(column, row);
      const glass = 1 - tissue.gap(column, row) * (1 - body);
      const foam = 1 + 0.45 * clump + 0.45 * fine;
      eosin[pixel] = glass * Math.max(0.015, nest * pink * (foam - 0.45 * border) + (1 - nest) * (0.3 + 0.26 * strand + 0.05 * fine));
      hematoxylin[pixel] = glass * Math.max(0.01, nest * purple * (foam - 0.5 * border) + (1 - nest) * (0.04 + 0.03 * strand));
    }
  }

  const at = (pixel: number, period: number, shift: number): number => {
    const column = pixel % width;
    return noise.fractal(column / (period * scale) + shift, (pixel - column) / width / (period * scale), 2);
  };

  const interphase = (site: Site, look: { elongation: number; angle: number; dark: number; open: number }) => {
    const { elongation, angle, dark, open } = look;
    const shape = blob({ ...site, elongation, angle, irregularity: 0.08, random });
    const softness = scale * (0.7 + 1.1 * random.uniform() ** 3);
    const shift = random.uniform(0, 100);
    const nucleoli = Array.from({ length: random.integer(4) }, () => {
      const [distance, direction] = [random.uniform(0, 0.55) * site.radius, random.uniform(0, 7)];
      return { x: distance * Math.cos(direction), y: distance * Math.sin(direction), radius: scale * random.uniform(1.2, 2.4) };
    });
    paint(section, { shape, softness }, (pixel, cover, depth) => {
      const column = pixel % width;
      const row = (pixel - column) / width;
      // Clumps of chromatin between clear patches, and more of it along the membrane.
      const clumps = smoothstep(-0.35, 0.45, at(pixel, 3.6, shift));
      const membrane = smoothstep(2.6 * scale, 0.9 * scale, depth);
      let chromatin = 1 - open + open * Math.max(clumps * 1.15, membrane);
      for (const { x, y, radius } of nucleoli) {
        const distance = Math.hypot(column + 0.5 - site.x - x, row + 0.5 - site.y - y);
        chromatin += 0.5 * smoothstep(radius + 0.6 * scale, radius - 0.6 * scale, distance);
      }
      hematoxylin[pixel] += cover * (dark * chromatin - 0.8 * hematoxylin[pixel]);
      eosin[pixel] -= cover * 0.45 * eosin[pixel];
    });
  };

  for (const site of spindles) {
    const angle = tissue.fibreAngle(site.x, site.y) + random.normal(0, 0.15);
    interphase(site, { elongation: random.uniform(2.4, 4.4), angle, dark: random.uniform(0.5, 0.75), open: 0.35 });
  }
  for (const site of cells) {
    const hyperchromatic = random.uniform() < 0.12;
    interphase(site, {
      elongation: random.uniform(1, 1.6),
      angle: random.uniform(0, Math.PI),
      dark: hyperchromatic ? random.uniform(0.75, 1) : random.uniform(0.42, 0.66),
      open: hyperchromatic ? random.uniform(0.25, 0.45) : random.uniform(0.45, 0.75),
    });
  }
  for (const site of lymphocytes) {
    interphase(site, { elongation: random.uniform(1, 1.2), angle: 0, dark: random.uniform(0.8, 1.05), open: random.uniform(0.3, 0.45) });
  }
  for (const site of dying) pyknotic(section, { site, scale, random });
  for (const site of figures) mitosis(section, { site, scale, noise, random });
  return figures;
}

/** A dying cell: one or a few smooth, evenly dark drops in a shrunken, strongly pink body. */
function pyknotic(section: Section, options: { site: Site; scale: number; random: Random }): void {
  const { site, scale, random } = options;
  const round = (x: number, y: number, radius: number) =>
    blob({ x, y, radius, elongation: random.uniform(1, 1.35), angle: random.uniform(0, Math.PI), irregularity: 0.04, random });
  clear(section, round(site.x, site.y, site.radius * 1.5 + 2 * scale), { softness: 2.5 * scale, amount: 0.6 });
  const pink = random.uniform(0.32, 0.5);
  paint(section, { shape: round(site.x, site.y, site.radius * 1.35), softness: 1.5 * scale }, (pixel, cover) => {
    section.second[pixel] += cover * (pink - section.second[pixel]);
  });
  const drops = random.uniform() < 0.55 ? 1 : 2 + random.integer(3);
  const dark = random.uniform(0.95, 1.35);
  for (let i = 0; i < drops; i++) {
    const away = drops === 1 ? 0 : site.radius * random.uniform(0.3, 0.9);
    const direction = random.uniform(0, 2 * Math.PI);
    const radius = site.radius * (drops === 1 ? random.uniform(0.75, 1) : random.uniform(0.25, 0.5));
    const shape = round(site.x + away * Math.cos(direction), site.y + away * Math.sin(direction), radius);
    paint(section, { shape, softness: 0.9 * scale }, (pixel, cover) => {
      section.hematoxylin[pixel] += cover * (dark - section.hematoxylin[pixel]);
    });
  }
}

function mitosis(section: Section, options: { site: Site; scale: number; noise: Noise; random: Random }): void {
  const { site, scale, noise, random } = options;
  const body = blob({ ...site, radius: site.radius * 1.15, elongation: 1.1, angle: random.uniform(0, 3), irregularity: 0.05, random });
  clear(section, body, { softness: 4 * scale, amount: random.uniform(0.25, 0.6) });
  const [height, period] = [scale * random.uniform(1.3, 2.4), scale * random.uniform(2, 3)];
  const shape = roughen(chromosomes({ site, scale, random }), { noise, height, period });
  const dark = random.uniform(0.95, 1.4);
  const softness = scale * random.uniform(0.7, 1.3);
  paint(section, { shape, softness }, (pixel, cover) => {
    const column = pixel % section.width;
    const row = (pixel - column) / section.width;
    const grain = noise.fractal(column / (2.4 * scale) + 70, row / (2.4 * scale), 1);
    section.hematoxylin[pixel] += cover * (dark * (1 + 0.15 * grain) - section.hematoxylin[pixel]);
    section.second[pixel] -= cover * 0.3 * section.second[pixel];
  });
}

/** The chromatin of one phase of mitosis. */
function chromosomes(options: { site: Site; scale: number; random: Random }): Shape {
  const { site, scale, random } = options;
  const { x, y } = site;
  const angle = random.uniform(0, Math.PI);
  const length = scale * random.uniform(17, 24);
  const thickness = scale * random.uniform(5, 7.5);
  const phase = random.uniform();
  if (phase < 0.35) return rod({ x, y, length, thickness: thickness + scale, angle, bend: scale * random.normal(0, 1.2) });
  if (phase < 0.5) return ring({ x, y, radius: scale * random.uniform(6, 8), thickness });
  if (phase < 0.75) {
    const apart = scale * random.uniform(5, 8.5);
    const [stepX, stepY] = [-Math.sin(angle) * apart, Math.cos(angle) * apart];
    const bend = scale * random.uniform(0, 2.5);
    const plate = { length: length * 0.85, thickness: thickness * 0.85, angle };
    return union(x, y, [
      rod({ ...plate, x: x + stepX, y: y + stepY, bend }),
      rod({ ...plate, x: x - stepX, y: y - stepY, bend: -bend }),
    ]);
  }
  const lumps = Array.from({ length: 5 + random.integer(5) }, () => ({
    x: x + scale * random.normal(0, 3.4),
    y: y + scale * random.normal(0, 3.4),
    radius: scale * random.uniform(2, 4),
  }));
  return union(
    x,
    y,
    lumps.map((lump) => blob({ ...lump, elongation: random.uniform(1, 2), angle: random.uniform(0, 3), irregularity: 0.2, random })),
  );
}

/** Thins both stains inside the shape. */
function clear(section: Section, shape: Shape, options: { softness: number; amount: number }): void {
  const { softness, amount } = options;
  paint(section, { shape, softness }, (pixel, cover) => {
    section.hematoxylin[pixel] *= 1 - cover * amount;
    section.second[pixel] *= 1 - cover * amount;
  });
}
