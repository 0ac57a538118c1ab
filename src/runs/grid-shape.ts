// The shapes of a grid's files: grid.json, and result.json and density.jsonl of a run (grid.ts).

import { biasNames } from "../data/bias/biases.ts";
import {
  allOf,
  anyText,
  either,
  listOf,
  numberIn,
  objectOf,
  oneOf,
  optional,
  orNull,
  type Shape,
  valuesOf,
} from "../files/json/shape.ts";
import { shapeOf } from "../settings/declarations.ts";
import { gridSettings } from "../settings/presets.ts";

const number = numberIn();
const whole = numberIn({ least: 0, whole: true });
const keep = either(oneOf("one-per-image"), numberIn({ least: 0, most: 1 }));

export const gridRecordShape: Shape = objectOf({
  name: anyText,
  title: anyText,
  paper: anyText,
  preset: anyText,
  command: anyText,
  data: anyText,
  folds: numberIn({ least: 1, most: 1e6, whole: true }),
  splitSeed: whole,
  keeps: listOf(keep),
  bias: optional(oneOf(...biasNames)),
  methods: listOf(anyText),
  seeds: listOf(whole),
  settings: listOf(objectOf({ label: anyText, value: anyText })),
  versions: objectOf({}),
  paperDataset: oneOf("mitos-atypia-14", "ki67", null),
  train: shapeOf(gridSettings),
  weights: orNull(anyText),
  source: orNull(objectOf({ kind: oneOf("synthetic") })),
  dataDigest: anyText,
  wantedFolds: optional(listOf(whole, { least: 1 })),
});

const points = (key: string, count: number): Shape =>
  listOf(objectOf({ [key]: number, sensitivity: number }), { least: count, most: count });
const scoreKeys = ["score", "recall", "precision", "f1", "found", "wrong", "countError", "countBias"];
const numbers = (keys: readonly string[]): { readonly [key: string]: Shape } =>
  Object.fromEntries(keys.map((key) => [key, number]));

const measures = objectOf({
  ...numbers(["images", "truths", "detections", "ap11", "apVoc", "apCoco50", "apCoco", "recall", "bestF1", "ap11AtHalf"]),
  atScore: listOf(objectOf(numbers(scoreKeys))),
  byThreshold: listOf(listOf(whole, { least: 2, most: 2 }), { least: 101, most: 101 }), // at 0, 0.01 … 1
  byDistance: listOf(objectOf({ rule: anyText, ...numbers(["radius", "f1AtHalf", "bestF1"]) })),
  froc: objectOf({
    points: points("falsePositivesPerImage", 8),
    mean: number,
    perMm2: optional(objectOf({ points: points("falsePositivesPerMm2", 6), mean: number })),
  }),
  reliability: objectOf({ bins: listOf(objectOf(numbers(["low", "high", "count", "meanScore", "precision"]))), ece: number }),
});

const group = objectOf({ rois: whole, energy: orNull(number), weight: orNull(number), score: orNull(number) });

export const densityProbeShape: Shape = objectOf({
  step: whole,
  groups: objectOf({ annotated: group, hidden: group, background: group }),
});

/** A step, and any parts of the loss by their names: all of them numbers. */
const lossStretch: Shape = allOf(objectOf({ step: number }), valuesOf(number));

export const gridResultShape: Shape = objectOf({
  unit: objectOf({ fold: whole, keep, method: anyText, seed: whole }),
  label: anyText,
  measures,
  counts: objectOf(numbers(["trainImages", "visible", "hidden", "testImages", "testCells"])),
  losses: listOf(lossStretch),
  density: listOf(densityProbeShape),
  limitedImages: whole,
  completeness: optional(objectOf(numbers(["part", "low", "high"]))),
  trainSeconds: number,
  totalSeconds: number,
});
