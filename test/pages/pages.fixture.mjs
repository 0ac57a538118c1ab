// One page of each kind, made from made-up records, for tests of how pages are built and how they look in a browser.

import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { readDataset } from "../../dist/data/dataset-folder.js";
import { sparsify } from "../../dist/data/sparsify.js";
import { synthesizeDataset } from "../../dist/data/synthetic/synthetic.js";
import { rectangleRing } from "../../dist/geometry/region.js";
import { writeComparison } from "../../dist/publish/comparison.js";
import { writeDatasetPage } from "../../dist/publish/dataset.js";
import { writeGradientPage } from "../../dist/publish/gradients.js";
import { writeGridReport } from "../../dist/publish/grid.js";
import { writeSummaryPage } from "../../dist/publish/slide-summary.js";
import { comparison, emptyComparison } from "../../dist/report/comparison/comparison.fixture.js";
import { profileFigure } from "../../dist/report/profile/operator-profile.js";
import { fourMethods, madeUpGradients } from "../../dist/runs/gradients.fixture.js";
import { renderGradients } from "../../dist/runs/gradients.js";
import { writeMadeUpGrid } from "../../dist/runs/grid.fixture.js";
import { openSlide } from "../../dist/slides/open-slide.js";
import { pyramid, writeSlide } from "../../dist/slides/slide.fixture.js";
import { SlideSummary } from "../../dist/slides/summary.js";
import { madeSlide } from "../../dist/slides/tissue.fixture.js";
import { findTissue } from "../../dist/slides/tissue.js";

const gradients = madeUpGradients({
  keeps: [0.1, 1],
  folds: [0, 1, 2],
  blocks: { stem: 1, C2: 12, C3: 14, FPN: 8, RPN: 3, head: 4 },
  mean: ({ method, keep, fold }, layer) => {
    const place = fourMethods.findIndex(({ name }) => name === method);
    return 1 + 0.2 * Math.abs(((layer + 3 * place + (keep === 1 ? fold : 0)) % 4) - place);
  },
});

const profile = {
  seconds: 1.2,
  rate: { flops: 1.5e11, bytes: 1.2e10 },
  operators: ["convolution", "addmm", "embedding_bag", "relu", "copy_"].map((name, i) => ({
    name,
    dtype: "float32",
    calls: 10 * (i + 1),
    seconds: 0.5 / (i + 1),
    floor: 0.3 / (i + 1),
    flops: 1e10 / (i + 1),
    bytes: 1e9,
  })),
};

const pages = {
  async grid(dir) {
    const methods = ["fpn", "label-smoothing", "proselflc", "bde", "constant-weight", "shuffled-energy"];
    await writeMadeUpGrid({ dir: join(dir, "grid"), images: 6, folds: 3, keeps: [0.1, 0.5, 1], methods, paperDataset: "ki67" });
    mkdirSync(join(dir, "grid/gradients"));
    writeFileSync(join(dir, "grid/gradients/gradients.json"), renderGradients(gradients));
    return (await writeGridReport({ dir: join(dir, "grid") })).page;
  },
  async "unfinished-grid"(dir) {
    await writeMadeUpGrid({
      dir: join(dir, "unfinished"),
      images: 6,
      folds: 2,
      keeps: ["one-per-image", 1],
      methods: ["fpn", "bde"],
      density: false,
      missing: ({ fold, method }) => fold === 1 && method === "fpn",
      failing: ({ fold }) => (fold === 1 ? "its process ended by SIGKILL" : null),
    });
    return (await writeGridReport({ dir: join(dir, "unfinished") })).page;
  },
  async gradients(dir) {
    const file = join(dir, "gradients.json");
    writeFileSync(file, renderGradients(gradients));
    return await writeGradientPage(file, join(dir, "gradients"));
  },
  async comparison(dir) {
    const page = join(dir, "comparison.html");
    await writeComparison(comparison, { page, results: join(dir, "comparison.json") });
    return page;
  },
  async "empty-comparison"(dir) {
    const page = join(dir, "empty-comparison.html");
    await writeComparison(emptyComparison, { page, results: join(dir, "empty-comparison.json") });
    return page;
  },
  async dataset(dir) {
    const folder = join(dir, "cells");
    await synthesizeDataset({ kind: "ki67", images: 6, width: 200, height: 160, boxSize: 20, seed: 1, dir: folder });
    const dataset = sparsify(readDataset(folder), { keep: 0.5, seed: 0 });
    const regions = [
      { kind: "complete", rings: [rectangleRing(0, 0, 100, 100)] },
      { kind: "ignore", rings: [rectangleRing(140, 0, 200, 160)] },
    ];
    const images = dataset.images.map((image, i) => (i === 0 ? { ...image, regions } : image));
    const page = join(dir, "cells.html");
    await writeDatasetPage({ ...dataset, images }, page, { images: 4 });
    return page;
  },
  async slide(dir) {
    const { image } = madeSlide({ seed: 1, kind: "ki67", strength: [1, 1] });
    const slide = await openSlide(await writeSlide(join(dir, "case.tif"), { levels: pyramid(image), resolution: 5000 }));
    const tissue = await findTissue(slide);
    const summary = new SlideSummary({ slide, tissue, classes: ["positive", "negative"] });
    for (let i = 0; i < 40_000; i++) {
      const [x, y] = [(i * 379) % slide.width, (i * i * 7 + 11 * i) % slide.height];
      if (tissue.holds(x, y)) summary.add({ x, y, classIndex: i % 3 === 0 ? 0 : 1 });
    }
    const page = join(dir, "case.html");
    await writeSummaryPage({
      slide,
      tissue,
      summary,
      page,
      json: join(dir, "case.json"),
      badTiles: ["level 0, column 3, row 2"],
    });
    slide.close();
    return page;
  },
  async profile(dir) {
    const file = join(dir, "profile.svg");
    writeFileSync(file, await profileFigure(profile, "a training step"));
    return file;
  },
};

/** Writes every page below `dir`; the path of each by its name. */
export async function writePages(dir) {
  const files = {};
  for (const [name, write] of Object.entries(pages)) files[name] = await write(dir);
  return files;
}
