// Ki-67 immunohistochemistry: blue (hematoxylin) nuclei, and brown (DAB) nuclei of proliferating cells, which are the
// truth. Staining ranges from a faint brown tinge to nearly black. Brown that is not a nucleus (pigment, stained cytoplasm,
// folds of the section) and nuclei with a trace of brown are the distractors.

import type { Random } from "../../random.ts";
import { smoothstep } from "./noise.ts";
import { type Look, paintNucleus } from "./nucleus.ts";
import { blob, paint, roughen, union } from "./shape.ts";
import type { Section } from "./stain.ts";
import { type Site, Tissue } from "./tissue.ts";

/** Paints one field of view and returns the centres of all brown nuclei, including those just outside the image. */
export function paintKi67(section: Section, options: { scale: number; random: Random }): Site[] {
  const { scale, random } = options;
  const { width, height } = section;
  const tissue = new Tissue({ width, height, scale, nests: random.uniform(0.6, 0.92), gaps: random.uniform(0, 0.06), random });
  const first = tissue.populateInside({ count: 1, radius: [8.5, 12] });
  const others = tissue.populate({ count: tissue.count([30, 42]), radius: [8.2, 12.2], where: "nest" });
  const spindles = tissue.populate({ count: tissue.count([4, 10]), radius: [5, 7], where: "stroma" });
  const lymphocytes = tissue.populate({ count: tissue.count([0, 5]), radius: [5.5, 7], where: "stroma" });

  paintGround(section, { tissue, cells: [...first, ...others], random });
  const nucleus = (site: Site, look: Look) => paintNucleus(section, { site, look, tissue, random });
  for (const site of spindles) {
    const angle = tissue.fibreAngle(site.x, site.y) + random.normal(0, 0.15);
    nucleus(site, { elongation: random.uniform(2.4, 4.2), angle, hematoxylin: random.uniform(0.35, 0.55), second: 0, open: 0.3 });
  }
  for (const site of lymphocytes) {
    nucleus(site, { elongation: random.uniform(1, 1.2), angle: 0, hematoxylin: random.uniform(0.65, 0.9), second: 0, open: 0.3 });
  }

  // Proliferation is patchy, and the share of positive cells differs between images.
  const share = random.uniform(0.3, 0.46);
  const patchiness = (site: Site) => 0.25 * tissue.noise.at(site.x / (60 * scale) + 11, site.y / (60 * scale) + 77);
  const positives = [...first, ...others.filter((site) => random.uniform() < share + patchiness(site))];
  const brown = new Set(positives);
  for (const site of [...first, ...others]) {
    const form = { elongation: random.uniform(1, 1.65), angle: random.uniform(0, Math.PI) };
    if (brown.has(site)) {
      const second = 0.32 + 0.95 * random.uniform() ** 1.15;
      paintHalo(section, { site, brown: 0.1 * second, width: 5 * scale, random });
      nucleus(site, {
        ...form,
        hematoxylin: random.uniform(0.18, 0.4),
        second,
        open: random.uniform(0.2, 0.55) * (second > 0.9 ? 0.6 : 1),
      });
    } else {
      if (random.uniform() < 0.07) paintHalo(section, { site, brown: random.uniform(0.1, 0.2), width: 9 * scale, random });
      const trace = random.uniform() < 0.12 ? random.uniform(0.04, 0.1) : 0;
      nucleus(site, { ...form, hematoxylin: random.uniform(0.34, 0.72), second: trace, open: random.uniform(0.3, 0.6) });
    }
  }
  for (let i = tissue.count([0, 2.2]); i > 0; i--) paintPigment(section, { ...tissue.anywhere(), tissue, random });
  if (random.uniform() < 0.15) paintFold(section, { tissue, random });
  return positives;
}

/** Cytoplasm, stroma and glass. */
function paintGround(section: Section, options: { tissue: Tissue; cells: readonly Site[]; random: Random }): void {
  const { tissue, cells, random } = options;
  const { noise, scale } = tissue;
  const { nearest, lead } = tissue.cellBodies(cells);
  const blue = random.uniform(0.9, 1.15);
  for (let row = 0, pixel = 0; row < section.height; row++) {
    for (let column = 0; column < section.width; column++, pixel++) {
      const [x, y] = [column / scale, row / scale];
      const fine = noise.fractal(x / 2.8 + 9, y / 2.8, 2);
      const clump = noise.fractal(x / 9, y / 9 + 40, 2);
      const body = smoothstep(2.5, 1.7, nearest[pixel] + 0.25 * clump);
      const border = smoothstep(0.3, 0.05, lead[pixel] + 0.1 * fine) * body;
      const nest = Math.max(tissue.nest(column, row), body);
      const glass = 1 - tissue.gap(column, row) * (1 - body);
      const cytoplasm = 0.1 + 0.05 * clump + 0.06 * fine - 0.055 * border - 0.045 * (1 - body);
      const strands = 0.075 + 0.085 * tissue.fibre(column, row) + 0.03 * fine;
      section.hematoxylin[pixel] = Math.max(0.008 + 0.004 * fine, blue * glass * (nest * cytoplasm + (1 - nest) * strands));
      section.second[pixel] = glass * Math.max(0, 0.014 + 0.012 * clump + 0.012 * fine);
    }
  }
}

/** Brown that has leaked around a nucleus into the cytoplasm. */
function paintHalo(section: Section, options: { site: Site; brown: number; width: number; random: Random }): void {
  const { site, brown, width, random } = options;
  const radius = site.radius + width / 2;
  const shape = blob({ ...site, radius, elongation: 1.1, angle: random.uniform(0, Math.PI), irregularity: 0.2, random });
  paint(section, { shape, softness: width / 2 }, (pixel, cover) => {
    section.second[pixel] += brown * cover;
  });
}

/** A clump of brown or black granules: hemosiderin, anthracosis, dirt. */
function paintPigment(section: Section, options: { x: number; y: number; tissue: Tissue; random: Random }): void {
  const { x, y, tissue, random } = options;
  const { scale, noise } = tissue;
  const spread = scale * random.uniform(2, 4.5);
  const granules = Array.from({ length: 3 + random.integer(9) }, () =>
    blob({
      x: x + random.normal(0, spread),
      y: y + random.normal(0, spread),
      radius: scale * random.uniform(0.7, 1.9),
      elongation: random.uniform(1, 1.6),
      angle: random.uniform(0, Math.PI),
      irregularity: 0.1,
      random,
    }),
  );
  const [brown, black] = [random.uniform(0.7, 1.3), random.uniform(0.05, 0.5)];
  const shape = roughen(union(x, y, granules), { noise, height: 0.4 * scale, period: 2 * scale });
  paint(section, { shape, softness: 0.6 * scale }, (pixel, cover) => {
    section.second[pixel] += brown * cover;
    section.hematoxylin[pixel] += black * cover;
  });
}

/** A fold of the section: nearly two layers at once along a wavy band. */
function paintFold(section: Section, options: { tissue: Tissue; random: Random }): void {
  const { tissue, random } = options;
  const { scale, noise } = tissue;
  const [angle, half] = [random.uniform(0, Math.PI), scale * random.uniform(3, 7)];
  const [cos, sin] = [Math.cos(angle), Math.sin(angle)];
  const [x, y] = [random.uniform(0, section.width), random.uniform(0, section.height)];
  for (let row = 0, pixel = 0; row < section.height; row++) {
    for (let column = 0; column < section.width; column++, pixel++) {
      const along = ((column - x) * cos + (row - y) * sin) / scale;
      const across = (row - y) * cos - (column - x) * sin + 14 * scale * noise.at(along / 60, 3);
      const layer = smoothstep(half + 2 * scale, half - scale, Math.abs(across));
      section.hematoxylin[pixel] *= 1 + 0.7 * layer;
      section.second[pixel] = section.second[pixel] * (1 + 0.5 * layer) + 0.05 * layer;
    }
  }
}
