// A made-up grid on disk for tests: drawn tissue, and detections that are found with a probability and get scores by method and
// rate as real ones do. Measures are those of evaluate/, so that everything fits together.

import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { type Detection, writeCocoDetections } from "../data/coco/evaluation-files.ts";
import { cellCategories, type Dataset } from "../data/dataset.ts";
import { foldOf } from "../data/split.ts";
import { synthesizeDataset } from "../data/synthetic/synthetic.ts";
import { measure } from "../evaluate/measures.ts";
import { truthsOf } from "../evaluate/truths.ts";
import { Random } from "../random.ts";
import { quickSettings } from "../settings/presets.ts";
import { type DensityProbe, type Grid, type GridRecord, type GridResult, type GridUnit, unitId } from "./grid.ts";
import { datasetDigest } from "./grid-folder.ts";

const LABELS: Readonly<Record<string, string>> = {
  fpn: "FPN",
  "label-smoothing": "FPN + label smoothing",
  proselflc: "FPN + ProSelfLC",
  bde: "FPN + BDE",
  "constant-weight": "FPN + constant weight",
  "shuffled-energy": "FPN + shuffled energy",
  completeness: "FPN + completeness",
};

export interface MadeUpGrid extends Partial<Grid> {
  readonly dir: string;
  /** Images of the dataset, of 200 × 200 pixels; default 12. */
  readonly images?: number;
  /** Runs that are not there. */
  readonly missing?: (unit: GridUnit) => boolean;
  /** Runs that failed, with their first line. */
  readonly failing?: (unit: GridUnit) => string | null;
  readonly density?: boolean;
}

export async function writeMadeUpGrid(options: MadeUpGrid): Promise<Grid> {
  const { dir, images = 12, missing = () => false, failing = () => null, density = true, ...change } = options;
  const dataset = await synthesizeDataset({
    kind: "ki67",
    images,
    width: 200,
    height: 200,
    boxSize: 20,
    seed: 1,
    dir: join(dir, "dataset"),
  });
  const grid: GridRecord = {
    name: "made-up",
    title: "Ki-67, by the share of the annotations that is kept",
    paper: "After Tables 3 and 4 of the paper",
    preset: "quick",
    command: "npx sparsecell experiment made-up --out grids/made-up",
    data: dataset.dir,
    folds: 3,
    splitSeed: 0,
    keeps: [0.1, 0.5, 1],
    methods: ["fpn", "label-smoothing", "proselflc", "bde"],
    seeds: [0],
    settings: [
      { label: "proposals, an image", value: "2000 in training, 1000 in test" },
      { label: "detection NMS", value: "0.3" },
      { label: "detections, an image", value: "100" },
    ],
    versions: { node: "20", libtorch: "1.13.1" },
    paperDataset: null,
    train: { ...quickSettings, dtype: "float32" },
    weights: null,
    source: null,
    dataDigest: datasetDigest(dataset.dir),
    ...change,
  };
  mkdirSync(join(dir, "runs"), { recursive: true });
  writeFileSync(join(dir, "grid.json"), JSON.stringify({ ...grid, ...training }));
  const folds = Array.from({ length: grid.folds }, (_, fold) => fold);
  for (const seed of grid.seeds)
    for (const fold of folds)
      for (const keep of grid.keeps)
        for (const method of grid.methods) {
          const unit = { fold, keep, method, seed };
          if (!missing(unit)) writeRun(unit, { dir, grid, dataset, density, failure: failing(unit) });
        }
  return grid;
}

/** What the trainings of a grid need; there are none. */
const training = { train: { ...quickSettings, dtype: "float32" }, weights: null, source: null, dataDigest: "" };

interface RunOptions {
  readonly dir: string;
  readonly grid: Grid;
  readonly dataset: Dataset;
  readonly density: boolean;
  readonly failure: string | null;
}

function writeRun(unit: GridUnit, { dir, grid, dataset, density, failure }: RunOptions): void {
  const { fold, keep, method, seed } = unit;
  const folder = join(dir, "runs", unitId(unit));
  mkdirSync(folder, { recursive: true });
  if (failure !== null) {
    writeFileSync(join(folder, "error.txt"), `${failure}\nmore lines\n`);
    return;
  }
  const { test, training } =
    grid.folds > 1 ? foldOf(dataset, { folds: grid.folds, fold, seed: grid.splitSeed }) : { test: dataset, training: dataset };
  const random = new Random(1000 * seed + 10 * fold + 1, grid.methods.indexOf(method) * 97 + Math.round(rate(keep) * 50));
  const truths = truthsOf(
    test,
    test.images.map(({ id }) => id),
  );
  const detections = madeUpDetections(test, { truths, quality: qualityOf(unit), random });
  const cells = training.annotations.length;
  const visible = keep === "one-per-image" ? training.images.length : Math.round(cells * keep);
  const result: GridResult = {
    unit,
    label: LABELS[method.split(":", 1)[0]] ?? method,
    measures: measure(truths, detections, { images: test.images }),
    counts: {
      trainImages: training.images.length,
      visible,
      hidden: cells - visible,
      testImages: test.images.length,
      testCells: truths.length,
    },
    losses: losses(unit, random),
    density: density ? probes(unit, random) : [],
    limitedImages: keep === 1 && fold === 0 ? 1 : 0,
    ...(method === "completeness" && { completeness: { part: (0.9 + 0.1 * fold) * (visible / cells), low: 0, high: 1 } }),
    trainSeconds: 300,
    totalSeconds: 320,
  };
  writeFileSync(join(folder, "result.json"), JSON.stringify(result));
  const { images, categories } = { images: test.images, categories: cellCategories(test) };
  writeCocoDetections(join(folder, "detections.json"), { images, categories, detections });
}

const rate = (keep: GridUnit["keep"]): number => (keep === "one-per-image" ? 0.05 : keep);

interface Quality {
  /** Part of the cells that get a detection. */
  readonly found: number;
  /** Of scores, in logits. */
  readonly cell: number;
  readonly noise: number;
}

function qualityOf({ keep, method, fold }: GridUnit): Quality {
  const sparse = 1 - rate(keep);
  const id = method.split(":", 1)[0];
  const shift =
    { fpn: 3.6, "label-smoothing": 3.4, proselflc: 2.6, bde: 0.5, "constant-weight": 0.8, "shuffled-energy": 0.9 }[id] ?? 2;
  return { found: 0.93 - 0.06 * sparse * shift - 0.02 * fold, cell: 2 - sparse * shift, noise: -2 - 0.7 * sparse * shift };
}

function madeUpDetections(
  { images }: Dataset,
  { truths, quality, random }: { truths: ReturnType<typeof truthsOf>; quality: Quality; random: Random },
): Detection[] {
  const score = (logit: number) => 1 / (1 + Math.exp(-random.normal(logit, 1.2)));
  const hits = truths.flatMap(({ imageId, categoryId, box: [x1, y1, x2, y2] }): Detection[] => {
    if (random.uniform() > quality.found) return [];
    const [dx, dy] = [random.normal(0, 1.2), random.normal(0, 1.2)];
    return [{ imageId, categoryId, box: [x1 + dx, y1 + dy, x2 + dx, y2 + dy], score: score(quality.cell) }];
  });
  const wrong = images.flatMap(({ id, width, height }) =>
    Array.from({ length: 6 }, (): Detection => {
      const [x, y] = [random.uniform(0, width - 20), random.uniform(0, height - 20)];
      return { imageId: id, categoryId: truths[0]?.categoryId ?? 1, box: [x, y, x + 20, y + 20], score: score(quality.noise) };
    }),
  );
  return [...hits, ...wrong];
}

function losses({ keep, method }: GridUnit, random: Random): GridResult["losses"] {
  const fitted = method.startsWith("bde") ? 0.25 : 0.1 + 0.3 * rate(keep);
  return Array.from({ length: 50 }, (_, i) => {
    const left = Math.exp(-i / 12) * (1.5 - 0.6 * rate(keep)) + fitted;
    const part = (share: number) => share * left * (1 + random.normal(0, 0.03));
    return { step: 12 * (i + 1), rpnClass: part(0.3), rpnBox: part(0.15), roiClass: part(0.4), roiBox: part(0.15) };
  });
}

function probes({ keep, method }: GridUnit, random: Random): DensityProbe[] {
  const bde = method.startsWith("bde");
  return Array.from({ length: 11 }, (_, i) => {
    const [done, noise] = [i / 10, () => random.normal(0, 0.004)];
    const group = (rois: number, energy: number, score: number, weighed: boolean) =>
      rois === 0
        ? { rois, energy: null, weight: null, score: null }
        : { rois, energy: energy + noise(), weight: weighed && bde ? energy : 1, score: score + noise() };
    return {
      step: 60 * i,
      groups: {
        annotated: group(40, 0.34 - 0.06 * done, 0.1 + 0.8 * done, false),
        hidden: group(keep === 1 ? 0 : 25, 0.34 - (bde ? 0.05 : 0.02) * done, 0.1 + (bde ? 0.4 : 0.1) * done, true),
        background: group(400, 0.35 + 0.01 * done, 0.08 - 0.05 * done, true),
      },
    };
  });
}
