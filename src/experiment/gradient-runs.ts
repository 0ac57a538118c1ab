// Which trained runs a gradient analysis looks at, and on which images: run folders, and the runs of a grid that kept their
// models. Everything that can be wrong is found here, before the first gradient.

import { existsSync } from "node:fs";
import { join } from "node:path";
import { spread } from "../data/choose-images.ts";
import { readCocoDataset } from "../data/coco/dataset-file.ts";
import { cellsOf, type Dataset, type DatasetImage, imagesOf, type Split } from "../data/dataset.ts";
import { annotationsPath } from "../data/dataset-folder.ts";
import type { Keep } from "../data/sparsify.ts";
import { foldOf } from "../data/split.ts";
import { UserError } from "../errors.ts";
import { shellWord } from "../files/shell-word.ts";
import { trainingMethodNamed } from "../procedures/index.ts";
import type { GradientRun, Gradients } from "../runs/gradients.ts";
import { datasetDigest, GridFolder } from "../runs/grid-folder.ts";
import { requireClasses } from "../runs/run-classes.ts";
import { RunFolder } from "../runs/run-folder.ts";
import type { DetectorConfig } from "../settings/detector.ts";

export interface AnalysedRun extends Omit<GradientRun, "images" | "layers"> {
  readonly modelFile: string;
  readonly images: readonly DatasetImage[];
}

export interface GradientRunsOptions {
  readonly dataset: Dataset;
  readonly split: Split;
  /** At most this many per run, spread evenly; null for all. */
  readonly images: number | null;
  /** Runs of these methods, by their text; null for all. */
  readonly methods: readonly string[] | null;
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
  const wanted = (name: string): boolean => options.methods === null || options.methods.includes(name);
  const runs = found.flatMap(({ runs }) => runs).filter(({ method }) => wanted(method));
  if (runs.length === 0)
    throw new UserError(`${paths.join(", ")}: no run of ${options.methods?.join(" or ")}; choose other --methods`);
  for (const { run, detector } of runs) requireClasses(run, detector.classes, options.dataset);
  requireOneArchitecture(runs);
  requireDifferent(runs);
  for (const { images } of runs)
    if (images.length === 0)
      throw new UserError(
        `${options.dataset.dir}: has no image of the ${options.split} split; split it with "npx sparsecell data split", or choose another --split`,
      );
  const known = found.flatMap(({ methods }) => methods).filter(({ name }) => wanted(name));
  const methods = new Map(known.map(({ name, label }) => [name, label]));
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

function runOf(path: string, { dataset, split, onNote }: GradientRunsOptions): Found {
  if (!existsSync(path)) throw new UserError(`${path}: no such folder; pass run folders, or the folder of a grid`);
  const folder = new RunFolder(path);
  const { config } = folder.record();
  if (!folder.isFinished)
    throw new UserError(
      `${path}: has no model.safetensors; its training is not finished; resume with: npx sparsecell train --resume ${shellWord(path)}`,
    );
  const { name: method, label } = trainingMethodNamed(config.method);
  const images = imagesOf(dataset, split);
  const trainedOn = trainingHalf(path, config.data);
  const names = new Set(trainedOn.images.map(({ fileName }) => fileName));
  const seen = images.filter(({ fileName }) => names.has(fileName));
  if (split === "test" && seen.length > 0)
    onNote(
      `${path}: was trained on ${seen.length} of the test images of ${dataset.dir} (${seen[0].fileName}), so they do not test it`,
    );
  const run: FoundRun = {
    run: path,
    method,
    label,
    keep: keepOf(trainedOn),
    fold: null,
    seed: config.seed,
    modelFile: folder.modelFile,
    images,
    detector: config.detector,
  };
  return { runs: [run], methods: [] };
}

/** Its finished runs that kept their model, each with the images of its fold. */
function runsOfGrid(path: string, { dataset, split, onNote }: GradientRunsOptions): Found {
  const store = new GridFolder(path);
  const { dataDigest, folds, splitSeed, methods, data } = store.record();
  if (datasetDigest(dataset.dir) !== dataDigest)
    throw new UserError(`${dataset.dir}: is not the dataset of ${path}, whose folds are of ${data}; pass that one with --data`);
  const results = store.results();
  const withModel = results.filter(({ unit }) => store.run(unit).isFinished);
  if (withModel.length === 0)
    throw new UserError(
      `${path}: none of its ${results.length} finished runs has a model; run the experiment again with --keep-models`,
    );
  if (withModel.length < results.length)
    onNote(`${path}: ${withModel.length} of ${results.length} finished runs have a model; the others are skipped`);
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
  const inOrder = methods.map((name) => ({ name, label: trainingMethodNamed(name).label })); // looks as in the grid's report
  return { runs, methods: inOrder };
}

/** The images and annotations that a run was trained on. */
function trainingHalf(run: string, dir: string): Dataset {
  const file = annotationsPath(dir);
  if (!existsSync(file))
    throw new UserError(`${run}: its dataset ${dir} is gone, so the part of the annotations that it saw is unknown; put it back`);
  const { dataset } = readCocoDataset(file, dir);
  const images = imagesOf(dataset, "train");
  const ids = new Set(images.map(({ id }) => id));
  return { ...dataset, images, annotations: cellsOf(dataset).filter(({ imageId }) => ids.has(imageId)) };
}

/** The part of its annotations that is not hidden, to two digits. */
function keepOf({ annotations }: Dataset): Keep {
  const visible = annotations.filter(({ hidden }) => !hidden);
  if (visible.length === annotations.length) return 1;
  const withCells = new Set(annotations.map(({ imageId }) => imageId));
  const marked = new Set(visible.map(({ imageId }) => imageId));
  if (visible.length === withCells.size && marked.size === withCells.size) return "one-per-image";
  return Number((visible.length / annotations.length).toPrecision(2));
}

function requireOneArchitecture([first, ...others]: readonly FoundRun[]): void {
  for (const { run, detector } of others) {
    const [a, b] = [architectureOf(first.detector), architectureOf(detector)];
    if (a !== b)
      throw new UserError(`${run}: is ${b}, but ${first.run} is ${a}: their layers cannot be compared; analyse them separately`);
  }
}

/** What two runs must share for their gradients to be comparable, in words. */
function architectureOf({ backbone, normalization, input, anchors, rpn, roi }: DetectorConfig): string {
  const { kind, ...sides } = input;
  const size = Object.values(sides).join(" to ");
  const cell = anchors.sizes[0].length * anchors.aspectRatios.length;
  return `${backbone} with ${normalization}, ${rpn.heads} RPN heads, ${cell} anchors per position, ${roi.representationSize} features, input ${kind} ${size}`;
}

/** Methods are compared at equal rate, fold and seed, so each may be there once. */
function requireDifferent(runs: readonly FoundRun[]): void {
  const seen = new Map<string, string>();
  for (const { run, method, keep, fold, seed } of runs) {
    const key = JSON.stringify([method, keep, fold, seed]);
    const other = seen.get(key);
    if (other)
      throw new UserError(
        `${run}: cannot be told from ${other}: both are ${method}, rate ${keep}, seed ${seed}; pass one of them, or train with another --seed`,
      );
    seen.set(key, run);
  }
}
