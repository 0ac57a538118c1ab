// Finished runs side by side on the test images of their dataset: the numbers behind `compare`, `demo` and their page.

import { readFileSync } from "node:fs";
import { availableParallelism, cpus } from "node:os";
import { cellsOf, type Dataset, imagesOf } from "../data/dataset.ts";
import { imagePath } from "../data/dataset-folder.ts";
import { detectSplit, type SplitResult } from "../detect/dataset-split.ts";
import { evaluate } from "../evaluate/evaluation.ts";
import { findings } from "../evaluate/findings.ts";
import { calibrationNamed } from "../methods/index.ts";
import type { ComparedMethod, ComparedPatch, ComparisonReport, Metric } from "../runs/comparison.ts";
import { requireClasses } from "../runs/run-classes.ts";
import type { RunFolder, RunRecord } from "../runs/run-folder.ts";
import { type Declarations, linesOf, type ValuesOf } from "../settings/declarations.ts";
import { detectorSettings } from "../settings/detector.ts";
import { machine } from "../settings/machine.ts";
import { schedule, trainingSettings } from "../settings/training.ts";

export const metrics: readonly Metric[] = [
  {
    key: "ap11",
    label: "AP",
    percent: true,
    help: "Average precision at 11 recall levels, over all scores (Eqs 12 and 13 of the paper).",
  },
  { key: "recall", label: "recall", percent: true, help: "Annotated cells with a detection of score 0.05 or more." },
  { key: "recallShown", label: "recall at 0.5", percent: true, help: "Annotated cells with a detection of score 0.5 or more." },
  {
    key: "precisionShown",
    label: "precision at 0.5",
    percent: true,
    help: "Detections of score 0.5 or more that are annotated cells.",
  },
  { key: "f1Shown", label: "F1 at 0.5", percent: true, help: "Harmonic mean of recall and precision at score 0.5." },
  { key: "bestF1", label: "best F1", percent: true, help: "The highest F1 that any score threshold gives, so not tied to 0.5." },
];
const shownScore = 0.5;

const losses = [
  { key: "loss", label: "all" },
  { key: "rpnClass", label: "first stage: class" },
  { key: "rpnBox", label: "first stage: box" },
  { key: "roiClass", label: "second stage: class" },
  { key: "roiBox", label: "second stage: box" },
];

export interface ComparisonOptions {
  readonly dataset: Dataset;
  readonly runs: readonly RunFolder[];
  readonly title: string;
  readonly command: string;
  /** Test images to draw, the first ones of different groups. */
  readonly patches?: number;
  readonly onImage?: (done: number, total: number) => void;
  /** One line for people. */
  readonly onNote?: (line: string) => void;
}

export async function compareRuns({
  dataset,
  runs,
  title,
  command,
  patches = 4,
  onImage,
  onNote,
}: ComparisonOptions): Promise<ComparisonReport> {
  for (const run of runs) requireClasses(run.dir, run.record().config.detector.classes, dataset);
  const total = runs.length * imagesOf(dataset, "test").length;
  const results: { run: RunFolder; name: string; record: RunRecord; result: SplitResult }[] = [];
  for (const run of runs) {
    const record = run.record();
    const before = results.reduce((sum, { result }) => sum + result.images.length, 0);
    const { method, device, dtype } = record.config;
    const name = results.some((other) => other.name === method) ? `${method} ${results.length + 1}` : method;
    const result = await detectSplit({
      dataset,
      split: "test",
      model: run.modelFile,
      device,
      dtype,
      onImage: (done) => onImage?.(before + done, total),
      onNote: (line) => onNote?.(`${name}: ${line}`),
    });
    results.push({ run, name, record, result });
  }
  const { images, truths, evaluation } = results[0].result;
  const { config, versions } = results[0].record;
  return {
    title,
    summary: [
      "The detectors were trained alike: same images, same visible annotations, same starting weights, order, schedule and steps. Only the weights of the loss differ.",
      "Hidden annotations were never shown to a training. The images below took no part in it and have every annotation.",
    ],
    dataset: datasetFacts(dataset),
    heldOut: { images: images.length, truths: evaluation.truths },
    score: shownScore,
    metrics,
    methods: results.map(({ run, name, record, result }): ComparedMethod => {
      const shown = evaluate(result.truths, result.judged, { score: shownScore, images: images.length });
      const log = run.log();
      const { ap11, recall, bestF1 } = result.evaluation;
      return {
        name,
        label: name.replace(record.config.method, calibrationNamed(record.config.method).label),
        metrics: { ap11, recall, recallShown: shown.recall, precisionShown: shown.precision, f1Shown: shown.f1, bestF1 },
        found: shown.truePositives,
        wrong: shown.falsePositives,
        lossCurve: log.map(({ step, loss, parts }) => ({ step, loss, ...parts })),
        secondsPerStep: median(run.stepTimes().map(({ seconds }) => seconds)),
      };
    }),
    losses,
    patches: pick(images, patches).map(
      (image): ComparedPatch => ({
        name: image.fileName,
        width: image.width,
        height: image.height,
        image: readFileSync(imagePath(dataset.dir, image)),
        truths: truths.filter(({ imageId, ignore }) => imageId === image.id && !ignore).map(({ box }) => box),
        results: results.map(({ name, result }) => {
          const { found, missed, wrong } = findings(result.truths, result.judged, { imageId: image.id, score: shownScore });
          return {
            method: name,
            found: found.map(({ detection: { box, score } }) => ({ box, score })),
            missed: missed.map(({ box }) => box),
            wrong: wrong.map(({ box, score }) => ({ box, score })),
          };
        }),
      }),
    ),
    settings: [
      {
        label: "detector",
        value: inOneLine({ backbone, input, dtype: machine.dtype }, { ...config.detector, dtype: config.dtype }),
      },
      { label: "training", value: inOneLine({ ...schedule, seed }, config) },
      ...linesOf({ anchors }, config.detector),
      {
        label: "versions",
        value: Object.entries(versions)
          .filter(([key]) => key !== "blas")
          .map(([key, value]) => `${key} ${value}`)
          .join(", "),
      },
      {
        label: "machine",
        value: `${cpus()[0]?.model ?? "unknown processor"}, ${availableParallelism()} cores, ${config.threads} threads`,
      },
    ],
    command,
  };
}

const { backbone, input, anchors } = detectorSettings;
const { seed } = trainingSettings;

const inOneLine = <D extends Declarations>(declarations: D, values: ValuesOf<D>): string =>
  linesOf(declarations, values)
    .map(({ label, value }) => `${label}: ${value}`)
    .join("; ");

function datasetFacts({ images, annotations: boxes, categories }: Dataset): { label: string; value: string }[] {
  const annotations = cellsOf({ annotations: boxes, categories });
  const train = imagesOf({ images }, "train");
  const ids = new Set(train.map(({ id }) => id));
  const own = annotations.filter(({ imageId }) => ids.has(imageId));
  const visible = own.filter(({ hidden }) => !hidden).length;
  return [
    { label: "training images", value: String(train.length) },
    { label: "cells on them", value: String(own.length) },
    { label: "annotations kept", value: `${visible} (${((100 * visible) / Math.max(own.length, 1)).toFixed(1)} %)` },
    { label: "annotations hidden", value: String(own.length - visible) },
    { label: "held-out images", value: String(images.length - train.length) },
    { label: "cells on them, all annotated", value: String(annotations.length - own.length) },
  ];
}

/** The first image of each group in turn, until there are enough. */
function pick<T extends { readonly group: string }>(images: readonly T[], count: number): T[] {
  const queues = [...grouped(images).values()];
  const chosen: T[] = [];
  while (chosen.length < count && queues.some((queue) => queue.length > 0))
    for (const queue of queues) {
      const next = queue.shift();
      if (next && chosen.length < count) chosen.push(next);
    }
  return chosen;
}

function grouped<T extends { readonly group: string }>(images: readonly T[]): Map<string, T[]> {
  const groups = new Map<string, T[]>();
  for (const image of images) groups.set(image.group, [...(groups.get(image.group) ?? []), image]);
  return groups;
}

function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted.length === 0 ? Number.NaN : sorted[sorted.length >> 1];
}
