// Ki-67 immunohistochemistry: blue (hematoxylin) nuclei, and brown (DAB) nuclei of proliferating cells, which are the
// truth. Staining runs from a faint brown tinge to nearly black. Brown that is no nucleus (pigment, stained cytoplasm,
// folds of the section) and nuclei with a trace of brown are there to be told apart.

import type { Random } from "../random.ts";
import { smoothstep } from "./noise.ts";
import { blob, paint, roughen, union } from "./shape.ts";
import type { Section } from "./stain.ts";
import { cellBodies, Crowd, type Site, Tissue } from "./tissue.ts";

/** Cells in 256 × 256 pixels at scale 1. */
const DENSITY = { tumour: [31, 43], spindle: [4, 9], lymphocyte: [0, 5] } as const;
const TILE = 256 * 256;

/** Paints one field of view and returns the middles of all brown nuclei, also of those just outside of the image. */
export function paintKi67(section: Section, options: { scale: number; random: Random }): Site[] {
  const { scale, random } = options;
  const { width, height, hematoxylin, second: dab } = section;
  const tissue = new Tissue({ width, height, scale, nests: random.uniform(0.6, 0.92), gaps: random.uniform(0, 0.06), random });
  const { noise } = tissue;
  const margin = 13 * scale;
  const tiles = ((width + 2 * margin) * (height + 2 * margin)) / (TILE * scale * scale);
  const count = ([low, high]: readonly [number, number]) => Math.round(tiles * random.uniform(low, high));
  const anywhere = () => ({ x: random.uniform(-margin, width + margin), y: random.uniform(-margin, height + margin) });

  // Where the cells are. A small image must not end up without a positive cell, so the first one lies inside.
  const crowd = new Crowd(13 * scale);
  const cells: Site[] = [];
  const wanted = Math.max(1, count(DENSITY.tumour));
  for (let attempt = 0; cells.length < wanted && attempt < 60 * wanted; attempt++) {
    const inside = { x: random.uniform(0.2, 0.8) * width, y: random.uniform(0.2, 0.8) * height };
    const site = { ...(cells.length === 0 ? inside : anywhere()), radius: scale * random.uniform(8.2, 12.2) };
    const fits = cells.length === 0 || (tissue.nest(site.x, site.y) > 0.5 && tissue.gap(site.x, site.y) < 0.3);
    if (fits && crowd.add(site, random.uniform(0.88, 1.15))) cells.push(site);
  }

  // Cytoplasm, stroma, glass.
  const { nearest, lead } = cellBodies(section, cells);
  const blue = random.uniform(0.9, 1.15);
  for (let row = 0, pixel = 0; row < height; row++) {
    for (let column = 0; column < width; column++, pixel++) {
      const x = column / scale;
      const y = row / scale;
      const fine = noise.fractal(x / 2.8 + 9, y / 2.8, 2);
      const clump = noise.fractal(x / 9, y / 9 + 40, 2);
      const body = smoothstep(2.5, 1.7, nearest[pixel] + 0.25 * clump);
      const border = smoothstep(0.3, 0.05, lead[pixel] + 0.1 * fine) * body;
      const nest = Math.max(tissue.nest(column, row), body);
      const cytoplasm = 0.1 + 0.05 * clump + 0.06 * fine - 0.055 * border - 0.045 * (1 - body);
      const strands = 0.075 + 0.085 * tissue.fibre(column, row) + 0.03 * fine;
      const glass = 1 - tissue.gap(column, row) * (1 - body);
      hematoxylin[pixel] = Math.max(0.008 + 0.004 * fine, blue * glass * (nest * cytoplasm + (1 - nest) * strands));
      dab[pixel] = glass * Math.max(0, 0.014 + 0.012 * clump + 0.012 * fine);
    }
  }

  const nucleus = (site: Site, look: { elongation: number; angle: number; blue: number; brown: number; texture: number }) => {
    const { elongation, angle, texture } = look;
    const shape = blob({ ...site, elongation, angle, irregularity: 0.09, random });
    const softness = scale * (0.7 + 1.4 * random.uniform() ** 3);
    const shift = random.uniform(0, 100);
    const rim = random.uniform(0.05, 0.3);
    const nucleoli = Array.from({ length: random.integer(3) }, () => {
      const [distance, direction] = [random.uniform(0, 0.5) * site.radius, random.uniform(0, 7)];
      return { x: distance * Math.cos(direction), y: distance * Math.sin(direction), radius: scale * random.uniform(1.2, 2) };
    });
    paint(section, { shape, softness }, (pixel, cover, depth) => {
      const column = pixel % width;
      const row = (pixel - column) / width;
      const coarse = noise.fractal(column / (4.5 * scale) + shift, row / (4.5 * scale), 2);
      const fine = noise.fractal(column / (2 * scale), row / (2 * scale) + shift, 1);
      let density = 1 + texture * (0.6 * coarse + 0.6 * fine) + rim * smoothstep(2.6 * scale, 0.6 * scale, depth);
      for (const { x, y, radius } of nucleoli) {
        const distance = Math.hypot(column + 0.5 - site.x - x, row + 0.5 - site.y - y);
        density += 0.35 * smoothstep(radius + 0.6 * scale, radius - 0.6 * scale, distance);
      }
      hematoxylin[pixel] += cover * (look.blue * density - 0.6 * hematoxylin[pixel]);
      if (look.brown > 0) dab[pixel] += cover * (look.brown * (0.25 + 0.75 * density) - 0.6 * dab[pixel]);
    });
  };

  // Stroma: spindle cells along the strands and a few lymphocytes. They give way to the tumour cells.
  for (let wantedSpindles = count(DENSITY.spindle), attempt = 0; wantedSpindles > 0 && attempt < 400 * tiles; attempt++) {
    const site = { ...anywhere(), radius: scale * random.uniform(5, 7) };
    if (tissue.nest(site.x, site.y) > 0.3 || !crowd.add(site, 1)) continue;
    wantedSpindles--;
    const angle = tissue.fibreAngle(site.x, site.y) + random.normal(0, 0.15);
    nucleus(site, { elongation: random.uniform(2.4, 4.2), angle, blue: random.uniform(0.3, 0.5), brown: 0, texture: 0.5 });
  }
  for (let wantedRound = count(DENSITY.lymphocyte), attempt = 0; wantedRound > 0 && attempt < 400 * tiles; attempt++) {
    const site = { ...anywhere(), radius: scale * random.uniform(5.5, 7) };
    if (tissue.nest(site.x, site.y) > 0.7 || !crowd.add(site, 1)) continue;
    wantedRound--;
    nucleus(site, { elongation: random.uniform(1, 1.2), angle: 0, blue: random.uniform(0.6, 0.85), brown: 0, texture: 0.45 });
  }

  // Tumour cells. Proliferation is patchy, and the share of positive cells differs between images.
  const share = random.uniform(0.3, 0.46);
  const positives: Site[] = [];
  for (const site of cells) {
    const patchy = 0.25 * noise.at(site.x / (60 * scale) + 11, site.y / (60 * scale) + 77);
    const positive = site === cells[0] || random.uniform() < share + patchy;
    const look = { elongation: random.uniform(1, 1.65), angle: random.uniform(0, Math.PI), texture: random.uniform(0.5, 1) };
    if (positive) {
      positives.push(site);
      const brown = 0.27 + 0.95 * random.uniform() ** 1.15;
      halo(section, { site, brown: 0.1 * brown, width: 5 * scale, random });
      nucleus(site, { ...look, blue: random.uniform(0.15, 0.35), brown, texture: look.texture * (brown > 0.9 ? 0.5 : 1) });
    } else {
      if (random.uniform() < 0.07) halo(section, { site, brown: random.uniform(0.1, 0.2), width: 9 * scale, random });
      const brown = random.uniform() < 0.12 ? random.uniform(0.04, 0.1) : 0;
      nucleus(site, { ...look, blue: random.uniform(0.26, 0.6), brown });
    }
  }

  for (let i = count([0, 2.2]); i > 0; i--) pigment(section, { ...anywhere(), scale, tissue, random });
  if (random.uniform() < 0.15) fold(section, { scale, tissue, random });
  return positives;
}

/** Brown that has leaked around a nucleus into the cytoplasm. */
function halo(section: Section, options: { site: Site; brown: number; width: number; random: Random }): void {
  const { site, brown, width, random } = options;
  const shape = blob({ ...site, radius: site.radius + width / 2, elongation: 1.1, angle: random.uniform(0, 3), irregularity: 0.2, random });
  paint(section, { shape, softness: width / 2 }, (pixel, cover) => {
    section.second[pixel] += brown * cover;
  });
}

/** A clump of brown or black granules: hemosiderin, anthracosis, dirt. */
function pigment(section: Section, options: { x: number; y: number; scale: number; tissue: Tissue; random: Random }): void {
  const { x, y, scale, tissue, random } = options;
  const spread = scale * random.uniform(2, 4.5);
  const granules = Array.from({ length: 3 + random.integer(9) }, () => ({
    x: x + random.normal(0, spread),
    y: y + random.normal(0, spread),
    radius: scale * random.uniform(0.7, 1.9),
  }));
  const parts = granules.map((granule) =>
    blob({ ...granule, elongation: random.uniform(1, 1.6), angle: random.uniform(0, 3), irregularity: 0.1, random }),
  );
  const [brown, black] = [random.uniform(0.7, 1.3), random.uniform(0.05, 0.5)];
  const shape = roughen(union(x, y, parts), { noise: tissue.noise, height: 0.4 * scale, period: 2 * scale });
  paint(section, { shape, softness: 0.6 * scale }, (pixel, cover) => {
    section.second[pixel] += brown * cover;
    section.hematoxylin[pixel] += black * cover;
  });
}

/** A fold of the section: two layers seen at once along a wavy band. */
function fold(section: Section, options: { scale: number; tissue: Tissue; random: Random }): void {
  const { scale, tissue, random } = options;
  const { width, height } = section;
  const [angle, half] = [random.uniform(0, Math.PI), scale * random.uniform(3, 7)];
  const [cos, sin] = [Math.cos(angle), Math.sin(angle)];
  const [x, y] = [random.uniform(0, width), random.uniform(0, height)];
  for (let row = 0, pixel = 0; row < height; row++) {
    for (let column = 0; column < width; column++, pixel++) {
      const along = ((column - x) * cos + (row - y) * sin) / scale;
      const across = (row - y) * cos - (column - x) * sin + 14 * scale * tissue.noise.at(along / 60, 3);
      const layer = smoothstep(half + 2 * scale, half - scale, Math.abs(across));
      if (layer === 0) continue;
      section.hematoxylin[pixel] *= 1 + 0.7 * layer;
      section.second[pixel] = section.second[pixel] * (1 + 0.5 * layer) + 0.05 * layer;
    }
  }
}
