// Compares finished runs on the test images of their dataset: the measurements behind `compare` and `demo`.

import { readFileSync } from "node:fs";
import { availableParallelism, cpus } from "node:os";
import { oneOfEachGroup } from "../data/choose-images.ts";
import { cellsOf, type Dataset, type DatasetImage, imagesOf, visibleCells } from "../data/dataset.ts";
import { imagePath } from "../data/dataset-folder.ts";
import { detectSplit, type SplitResult } from "../detect/dataset-split.ts";
import { evaluate } from "../evaluate/evaluation.ts";
import { findings } from "../evaluate/findings.ts";
import { trainingMethodNamed } from "../procedures/index.ts";
import { median } from "../report/statistics/spread.ts";
import type { ComparedMethod, ComparedPatch, Comparison, PatchResult } from "../runs/comparison.ts";
import { requireClasses } from "../runs/run-classes.ts";
import type { RunFolder, RunRecord } from "../runs/run-folder.ts";

/** The lowest score of a detection that is shown. */
const SCORE = 0.5;

export interface ComparisonOptions {
  readonly dataset: Dataset;
  readonly runs: readonly RunFolder[];
  readonly title: string;
  readonly command: string;
  /** Number of test images to draw, of different groups. */
  readonly patches?: number;
  readonly onImage?: (done: number, total: number) => void;
  /** One line for people. */
  readonly onNote?: (line: string) => void;
}

export async function compareRuns(options: ComparisonOptions): Promise<Comparison> {
  const { dataset, title, command, patches = 4 } = options;
  const tested = await testRuns(options);
  const [{ record, result }] = tested;
  return {
    title,
    command,
    dataset: countsOf(dataset),
    heldOut: { images: result.images.length, truths: result.evaluation.truths },
    score: SCORE,
    methods: tested.map(measuredMethod),
    patches: oneOfEachGroup(result.images, patches).map((image) => patchOf(dataset, image, tested)),
    config: record.config,
    versions: record.versions,
    machine: { processor: cpus()[0]?.model ?? "unknown processor", cores: availableParallelism() },
  };
}

interface TestedRun {
  readonly run: RunFolder;
  /** The method, numbered when an earlier run has the same one. */
  readonly name: string;
  readonly record: RunRecord;
  readonly result: SplitResult;
}

async function testRuns({ dataset, runs, onImage, onNote }: ComparisonOptions): Promise<TestedRun[]> {
  for (const run of runs) requireClasses(run.dir, run.record().config.detector.classes, dataset);
  const total = runs.length * imagesOf(dataset, "test").length;
  const tested: TestedRun[] = [];
  for (const run of runs) {
    const record = run.record();
    const before = tested.reduce((sum, { result }) => sum + result.images.length, 0);
    const { method, device, dtype } = record.config;
    const name = tested.some((other) => other.name === method) ? `${method} ${tested.length + 1}` : method;
    const result = await detectSplit({
      dataset,
      split: "test",
      model: run.modelFile,
      device,
      dtype,
      onImage: (done) => onImage?.(before + done, total),
      onNote: (line) => onNote?.(`${name}: ${line}`),
    });
    tested.push({ run, name, record, result });
  }
  return tested;
}

function measuredMethod({ run, name, record, result }: TestedRun): ComparedMethod {
  const { ap11, recall, bestF1 } = result.evaluation;
  const shown = evaluate(result.truths, result.judged, { score: SCORE, images: result.images.length });
  return {
    name,
    label: name.replace(record.config.method, trainingMethodNamed(record.config.method).label),
    metrics: { ap11, recall, recallShown: shown.recall, precisionShown: shown.precision, f1Shown: shown.f1, bestF1 },
    found: shown.truePositives,
    wrong: shown.falsePositives,
    lossCurve: run.log().map(({ step, loss, parts }) => ({ step, loss, ...parts })),
    secondsPerStep: median(run.stepTimes().map(({ seconds }) => seconds)),
  };
}

function patchOf(dataset: Dataset, image: DatasetImage, tested: readonly TestedRun[]): ComparedPatch {
  const { id: imageId, fileName, width, height } = image;
  const cells = tested[0].result.truths.filter((truth) => truth.imageId === imageId && !truth.ignore);
  return {
    name: fileName,
    width,
    height,
    image: readFileSync(imagePath(dataset.dir, image)),
    truths: cells.map(({ box }) => box),
    results: tested.map(({ name, result }): PatchResult => {
      const { found, missed, wrong } = findings(result.truths, result.judged, { imageId, score: SCORE });
      return {
        method: name,
        found: found.map(({ detection: { box, score } }) => ({ box, score })),
        missed: missed.map(({ box }) => box),
        wrong: wrong.map(({ box, score }) => ({ box, score })),
      };
    }),
  };
}

function countsOf(dataset: Dataset): Comparison["dataset"] {
  const train = imagesOf(dataset, "train");
  const ids = new Set(train.map(({ id }) => id));
  const cells = cellsOf(dataset);
  const trainCells = cells.filter(({ imageId }) => ids.has(imageId)).length;
  return {
    trainImages: train.length,
    trainCells,
    visible: visibleCells(dataset).length,
    testImages: dataset.images.length - train.length,
    testCells: cells.length - trainCells,
  };
}
