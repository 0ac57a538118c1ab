// The model card: what a model finds, what it learned from, how good it is and where it must not be trusted, for people who get the
// file and nothing else. No paths: they are of one machine.

import { basename, dirname } from "node:path";
import { completenessIn } from "../detector/counted-completeness.ts";
import { recommendationOf, recommendationText } from "../detector/recommended-score.ts";
import { licenseKey } from "../detector/weights.ts";
import { writeFileAtomic } from "../files/atomic-write.ts";
import { readEvaluation } from "../runs/evaluation-file.ts";
import type { RunFolder, RunRecord } from "../runs/run-folder.ts";
import type { DetectorConfig, InputSize } from "../settings/detector.ts";
import { type KnownModel, knownModel } from "./known-model.ts";

/** Into the folder of a finished run. `detector`: the settings of its model. */
export const writeModelCard = ({ cardFile, modelFile }: RunFolder, detector: DetectorConfig): void =>
  writeFileAtomic(cardFile, modelCard(knownModel(modelFile), detector));

/** Markdown. */
export function modelCard(model: KnownModel, detector: DetectorConfig): string {
  const { record } = model;
  const sections = [
    [`# ${title(record)}`, `It finds cells in microscopy images and draws a box around each. ${classText(detector.classes)}`],
    ["## What it takes", ...scaleText(detector.input)],
    ["## What it learned from", ...(record ? dataText(record) : ["The record of its training is not with the model."])],
    ["## How good it is", ...qualityText(model)],
    ["## Limits", ...limitsText(model, detector)],
    ["## How it was made", ...madeText(model, detector)],
  ];
  return `${sections.map(([heading, ...lines]) => [heading, "", ...lines].join("\n")).join("\n\n")}\n`;
}

const classText = (classes: readonly string[]): string =>
  classes.length === 1 ? `Its one class is ${classes[0]}.` : `Its ${classes.length} classes are ${listed(classes)}.`;

const title = (record: RunRecord | null): string => (record ? `Cell detector trained on ${nameOf(record)}` : "Cell detector");

const nameOf = ({ config }: RunRecord): string => basename(config.data);

function scaleText(input: InputSize): string[] {
  switch (input.kind) {
    case "resolution":
      return [
        input.mpp === null
          ? `- RGB images at the scale of its training images${input.scale === 1 ? "" : `, resized by ${input.scale}`}. Their microns per pixel are unknown, so cells must be about as many pixels wide as in training.`
          : `- RGB images of any size, brought to ${input.mpp} microns per pixel.`,
        `- Larger images are searched in overlapping windows. It was trained on windows of ${input.window} × ${input.window} pixels.`,
      ];
    case "shortest-edge":
      return [`- RGB images whose shortest side becomes ${input.min} pixels, the longest at most ${input.max}.`];
    default:
      return [
        `- RGB images of about the size of its training images, which become ${input.size} × ${input.size} pixels (${input.kind}).`,
      ];
  }
}

function dataText(record: RunRecord): string[] {
  const { dataset, heldOut } = record;
  if (!dataset) return [`- ${nameOf(record)}; the run of an early version, which did not record more.`];
  const { images, annotations, classes, imageSize } = dataset;
  const byClass = Object.entries(classes ?? {}).map(([name, count]) => `${name} ${count}`);
  const held =
    heldOut && ("images" in heldOut ? count(heldOut.images.length, "image") : count(heldOut.annotations.length, "annotation"));
  return [
    `- ${nameOf(record)}: ${count(images.count, "image")} and ${count(annotations.count, "annotation")}${byClass.length > 0 ? ` (${byClass.join(", ")})` : ""}.`,
    `- The images have ${Math.round(imageSize.width)} × ${Math.round(imageSize.height)} pixels (median)${imageSize.mpp === undefined ? "" : `, ${rounded(imageSize.mpp)} microns per pixel`}.`,
    `- Digests of images and annotations: ${images.digest}, ${annotations.digest}.`,
    ...(held ? [`- ${held} were kept out of the training, to measure on.`] : []),
  ];
}

const NOT_MEASURED = "No measurement is with the model. Measure it on images with complete annotations before you use it.";

function qualityText({ file, record }: KnownModel): string[] {
  if (!record) return [NOT_MEASURED];
  const completeness = completenessIn(file);
  const recommendation = recommendationOf(file);
  const evaluation = readEvaluation({ dir: dirname(file) });
  const lines = [
    ...(completeness
      ? [
          `- About ${percent(completeness.part)} % of the cells on its training images have an annotation (${percent(completeness.low)} to ${percent(completeness.high)}), as the training counted.`,
        ]
      : []),
    ...(recommendation ? [`- On held-out annotations: ${recommendationText(recommendation)}.`] : []),
    ...(evaluation
      ? [
          `- On ${count(evaluation.images, "test image")} with ${count(evaluation.truths, "cell")}: average precision ${percent(evaluation.ap11)} %, best F1 ${percent(evaluation.bestF1)} % at a score of ${rounded(evaluation.bestF1Score)}.`,
        ]
      : []),
  ];
  return evaluation || recommendation ? lines : [...lines, `- ${NOT_MEASURED}`];
}

function limitsText({ metadata }: KnownModel, { input }: DetectorConfig): string[] {
  const license = metadata[licenseKey];
  return [
    "- Research use. It is not a medical device, and nobody has checked it for diagnosis.",
    "- Measure it again before you use it on other stains, scanners, tissues or magnifications than those of its training images.",
    ...(input.kind === "resolution" && input.mpp === null ? ["- It cannot correct for the magnification of an image."] : []),
    "- What is of none of its classes is background to it.",
    ...(license ? [`- Its first weights, and so this model, are for ${license}.`] : []),
  ];
}

function madeText({ record }: KnownModel, { backbone, normalization }: DetectorConfig): string[] {
  const network = `- Faster R-CNN with a feature pyramid on ${backbone}, ${normalization}.`;
  if (!record) return [network];
  const { method, steps, batch, lr, seed, weightsName, weights, weightsSha256 } = record.config;
  const source = weightsName ?? (weights ? basename(weights) : "random");
  return [
    network,
    `- Method \`${method}\`, at most ${count(steps, "step")} of ${count(batch, "image")}, learning rate ${lr}, seed ${seed}.`,
    `- First weights: ${source}${weightsSha256 ? `, SHA-256 ${weightsSha256}` : ""}.`,
    `- ${Object.entries(record.versions)
      .map(([name, value]) => `${name} ${value}`)
      .join(", ")}; started ${record.started.slice(0, 10)}.`,
  ];
}

const count = (number: number, noun: string): string => `${number} ${noun}${number === 1 ? "" : "s"}`;
const percent = (part: number): string => String(Math.round(100 * part));
const rounded = (value: number): number => Number(value.toPrecision(3));

const listed = (words: readonly string[]): string =>
  words.length < 2 ? words.join() : `${words.slice(0, -1).join(", ")} and ${words[words.length - 1]}`;
