// Hematoxylin and eosin: one to four mitotic figures, which are the truth, among many nuclei between divisions. Dark
// nuclei that are not figures are the distractors: dying cells, lymphocytes, hyperchromatic tumour cells.

import type { Random } from "../../random.ts";
import { paintDyingCell, paintMitoticFigure } from "./mitotic-figure.ts";
import { smoothstep } from "./noise.ts";
import { type Look, paintNucleus } from "./nucleus.ts";
import type { Section } from "./stain.ts";
import { type Site, Tissue } from "./tissue.ts";

/** Paints one field of view and returns the centres of the mitotic figures, all inside the image. */
export function paintMitosis(section: Section, options: { scale: number; random: Random }): Site[] {
  const { scale, random } = options;
  const { width, height } = section;
  const tissue = new Tissue({ width, height, scale, nests: random.uniform(0.62, 0.95), gaps: random.uniform(0, 0.07), random });
  // Rare, whatever the size of the image: 1, 2, 3 or 4 with chances of 0.4, 0.3, 0.2 and 0.1.
  const chance = random.uniform();
  const figures = tissue.populateInside({ count: 1 + [0.4, 0.7, 0.9].filter((edge) => chance >= edge).length, radius: [13, 15] });
  const dying = tissue.populate({ count: tissue.count([1, 3.5]), radius: [6, 8], where: "nest" });
  const cells = tissue.populate({ count: tissue.count([34, 50]), radius: [8.6, 12.6], where: "nest" });
  const spindles = tissue.populate({ count: tissue.count([4, 10]), radius: [5, 7], where: "stroma" });
  const lymphocytes = tissue.populate({ count: tissue.count([0, 5]), radius: [6, 7.4], where: "anywhere" });

  paintGround(section, { tissue, cells: [...cells, ...dying, ...figures], random });
  const nucleus = (site: Site, look: Omit<Look, "second">) =>
    paintNucleus(section, { site, look: { ...look, second: 0 }, tissue, random });
  for (const site of spindles) {
    const angle = tissue.fibreAngle(site.x, site.y) + random.normal(0, 0.15);
    nucleus(site, { elongation: random.uniform(2.4, 4.4), angle, hematoxylin: random.uniform(0.5, 0.75), open: 0.35 });
  }
  for (const site of cells) {
    const hyperchromatic = random.uniform() < 0.12;
    nucleus(site, {
      elongation: random.uniform(1, 1.6),
      angle: random.uniform(0, Math.PI),
      hematoxylin: hyperchromatic ? random.uniform(0.75, 1) : random.uniform(0.42, 0.66),
      open: hyperchromatic ? random.uniform(0.25, 0.45) : random.uniform(0.45, 0.75),
    });
  }
  for (const site of lymphocytes) {
    const open = random.uniform(0.3, 0.45);
    nucleus(site, { elongation: random.uniform(1, 1.2), angle: 0, hematoxylin: random.uniform(0.8, 1.05), open });
  }
  for (const site of dying) paintDyingCell(section, { site, scale, random });
  for (const site of figures) paintMitoticFigure(section, { site, tissue, random });
  return figures;
}

/** Cytoplasm, collagen and glass. */
function paintGround(section: Section, options: { tissue: Tissue; cells: readonly Site[]; random: Random }): void {
  const { tissue, cells, random } = options;
  const { noise, scale } = tissue;
  const { nearest, lead } = tissue.cellBodies(cells);
  const [purple, pink] = [random.uniform(0.06, 0.13), random.uniform(0.2, 0.32)];
  for (let row = 0, pixel = 0; row < section.height; row++) {
    for (let column = 0; column < section.width; column++, pixel++) {
      const [x, y] = [column / scale, row / scale];
      const fine = noise.fractal(x / 2.8 + 9, y / 2.8, 2);
      const clump = noise.fractal(x / 8, y / 8 + 40, 3);
      const body = smoothstep(2.5, 1.8, nearest[pixel] + 0.3 * clump);
      const border = smoothstep(0.26, 0.04, lead[pixel] + 0.1 * fine) * body;
      const nest = Math.max(tissue.nest(column, row), body);
      const glass = 1 - tissue.gap(column, row) * (1 - body);
      const strand = tissue.fibre(column, row);
      const foam = 1 + 0.45 * clump + 0.45 * fine;
      const cytoplasm = nest * (foam - 0.5 * border);
      section.second[pixel] = glass * Math.max(0.015, pink * cytoplasm + (1 - nest) * (0.28 + 0.24 * strand + 0.05 * fine));
      section.hematoxylin[pixel] = glass * Math.max(0.01, purple * cytoplasm + (1 - nest) * (0.04 + 0.03 * strand));
    }
  }
}
