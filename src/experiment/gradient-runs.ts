// Which trained runs a gradient analysis looks at, and on which images: run folders, and the runs of a grid that kept their
// models. Everything that can be wrong is found here, before the first gradient.

import { existsSync } from "node:fs";
import { join } from "node:path";
import { calibrationNamed } from "../calibration/index.ts";
import { readCocoDataset } from "../data/coco.ts";
import { cellsOf, type Dataset, type DatasetImage, type Split, targetCategories } from "../data/dataset.ts";
import { annotationsPath } from "../data/dataset-folder.ts";
import type { Keep } from "../data/sparsify.ts";
import { foldOf } from "../data/split.ts";
import type { DetectorConfig } from "../detector/config.ts";
import { UserError } from "../errors.ts";
import type { GradientRun, Gradients } from "../report/gradients.ts";
import { RunFolder } from "../train/run-folder.ts";
import { datasetDigest, GridStore } from "./grid-store.ts";

export interface AnalysedRun extends Omit<GradientRun, "images" | "layers"> {
  readonly modelFile: string;
  readonly images: readonly DatasetImage[];
}

export interface GradientRunsOptions {
  readonly dataset: Dataset;
  readonly split: Split;
  /** At most so many of each run's, spread evenly; null for all. */
  readonly images: number | null;
  /** One line for people. */
  readonly onNote: (line: string) => void;
}

interface FoundRun extends AnalysedRun {
  readonly label: string;
  readonly detector: DetectorConfig;
}

/**
 * The runs of `paths`, run folders or grids. Throws a UserError when one is not finished, is of another architecture, dataset
 * or classes than the others, cannot be told from another one, or has no image to look at.
 */
export function gradientRuns(
  paths: readonly string[],
  options: GradientRunsOptions,
): { runs: AnalysedRun[]; methods: Gradients["methods"] } {
  const found = paths.map((path) => (existsSync(join(path, "grid.json")) ? runsOfGrid(path, options) : runOf(path, options)));
  const runs = found.flatMap((own) => own.runs);
  for (const run of runs) requireClasses(run, options.dataset);
  requireOneArchitecture(runs);
  requireDifferent(runs);
  for (const { images } of runs)
    if (images.length === 0)
      throw new UserError(
        `${options.dataset.dir}: has no image of the ${options.split} split; split it with "npx sparsecell data split", or choose another --split`,
      );
  const methods = new Map(found.flatMap((own) => own.methods).map(({ name, label }) => [name, label]));
  for (const { method, label } of runs) methods.set(method, label);
  return {
    runs: runs.map(({ label: _, detector: __, ...run }) => ({ ...run, images: spread(run.images, options.images) })),
    methods: [...methods].map(([name, label]) => ({ name, label })),
  };
}

interface Found {
  readonly runs: readonly FoundRun[];
  readonly methods: Gradients["methods"];
}

function runOf(path: string, { dataset, split }: GradientRunsOptions): Found {
  if (!existsSync(path)) throw new UserError(`${path}: there is no such folder; give run folders, or a grid's`);
  const folder = new RunFolder(path);
  const { config } = folder.record();
  if (!folder.isFinished)
    throw new UserError(
      `${path}: has no model.safetensors; is its training finished? go on with: npx sparsecell train --resume ${path}`,
    );
  const { name: method, label } = calibrationNamed(config.method);
  const run: FoundRun = {
    run: path,
    method,
    label,
    keep: keepOf(path, config.data),
    fold: null,
    seed: config.seed,
    modelFile: folder.modelFile,
    images: dataset.images.filter((image) => image.split === split),
    detector: config.detector,
  };
  return { runs: [run], methods: [] };
}

/** Its finished runs with a model. Each looks at the images of its own fold. */
function runsOfGrid(path: string, { dataset, split, onNote }: GradientRunsOptions): Found {
  const store = new GridStore(path);
  const { dataDigest, folds, splitSeed, methods, data } = store.record();
  if (datasetDigest(dataset.dir) !== dataDigest)
    throw new UserError(`${dataset.dir}: is not the dataset of ${path}, whose folds are of ${data}; give that one with --data`);
  const results = store.results();
  const withModel = results.filter(({ unit }) => store.run(unit).isFinished);
  if (withModel.length === 0)
    throw new UserError(`${path}: none of its ${results.length} finished runs has a model; run it again with --keep-models`);
  if (withModel.length < results.length)
    onNote(`${path}: ${withModel.length} of ${results.length} finished runs have a model; the others are left out`);
  const runs = withModel.map(({ unit, label }): FoundRun => {
    const folder = store.run(unit);
    const { training, test } = foldOf(dataset, { folds, fold: unit.fold, seed: splitSeed });
    return {
      run: folder.dir,
      ...unit,
      label,
      modelFile: folder.modelFile,
      images: (split === "test" ? test : training).images,
      detector: folder.record().config.detector,
    };
  });
  const inOrder = methods.map((name) => ({ name, label: calibrationNamed(name).label })); // looks as in the grid's report
  return { runs, methods: inOrder };
}

/** The part of its training annotations that a run saw, by the counts of its dataset; to two digits. */
function keepOf(run: string, dir: string): Keep {
  const file = annotationsPath(dir);
  if (!existsSync(file))
    throw new UserError(`${run}: its dataset ${dir} is gone, so what part of the annotations it saw is not known; put it back`);
  const { dataset } = readCocoDataset(file, dir);
  const visible = new Map(dataset.images.filter((image) => image.split === "train").map(({ id }) => [id, 0]));
  const cells = cellsOf(dataset).filter(({ imageId }) => visible.has(imageId));
  const marked = cells.filter(({ hidden }) => !hidden);
  if (marked.length === cells.length) return 1;
  for (const { imageId } of marked) visible.set(imageId, (visible.get(imageId) as number) + 1);
  if (cells.every(({ imageId }) => visible.get(imageId) === 1)) return "one-per-image";
  return Number((marked.length / cells.length).toPrecision(2));
}

function requireClasses({ run, detector: { classes } }: FoundRun, dataset: Dataset): void {
  const there = targetCategories(dataset).map(({ name }) => name);
  if (classes.length === there.length && (classes.length === 1 || classes.every((name, i) => name === there[i]))) return;
  throw new UserError(
    `${run}: finds ${classes.join(", ")}, but the categories of ${dataset.dir} are ${there.join(", ")}; give the dataset that it is for`,
  );
}

function requireOneArchitecture([first, ...others]: readonly FoundRun[]): void {
  for (const { run, detector } of others) {
    const [a, b] = [architectureOf(first.detector), architectureOf(detector)];
    if (a !== b)
      throw new UserError(`${run}: is ${b}, but ${first.run} is ${a}: their layers do not compare; analyse them separately`);
  }
}

/** What must be the same for two runs' gradients to compare, in words. */
function architectureOf({ backbone, normalization, input, anchors, rpn, roi }: DetectorConfig): string {
  const size = input.kind === "shortest-edge" ? `${input.min} to ${input.max}` : input.size;
  const cell = anchors.sizes[0].length * anchors.aspectRatios.length;
  return `${backbone} with ${normalization}, ${rpn.heads} RPN heads, ${cell} anchors at a place, ${roi.representationSize} features, input ${input.kind} ${size}`;
}

/** Runs are compared method by method at one rate, fold and seed. */
function requireDifferent(runs: readonly FoundRun[]): void {
  const seen = new Map<string, string>();
  for (const { run, method, keep, fold, seed } of runs) {
    const key = JSON.stringify([method, keep, fold, seed]);
    const other = seen.get(key);
    if (other)
      throw new UserError(
        `${run}: cannot be told from ${other}: both are ${method}, rate ${keep}, seed ${seed}; give one of them, or train with another --seed`,
      );
    seen.set(key, run);
  }
}

function spread<T>(items: readonly T[], most: number | null): readonly T[] {
  if (most === null || items.length <= most) return items;
  return Array.from({ length: most }, (_, i) => items[Math.floor((i * items.length) / most)]);
}
