// Every setting of the detector, with torchvision's defaults and names where it has them
// (https://pytorch.org/vision/0.14/models/faster_rcnn.html). Nothing is capped out of sight: limits are settings, too. Ranges
// are limits that no network here comes near: a model from a stranger must not take the machine's memory before its weights
// have been looked at.

import { anyText, listOf, numberIn, type Shape } from "../files/json/shape.ts";
import { defaultsOf, either, shapeOf, type ValuesOf, valuesWith } from "./declarations.ts";
import { type Extras, flag, list, number, oneOf, orNull, whole } from "./setting.ts";

/**
 * The ResNets that a detector can have.
 *
 * @example
 * const smallest: Backbone = backbones[0]; // "resnet18"
 */
export const backbones = ["resnet18", "resnet34", "resnet50", "resnet101"] as const;
/** A ResNet's name. */
export type Backbone = (typeof backbones)[number];

const fraction = (value: number, about: string, extras: Extras = {}) => number(value, about, [0, 1], extras);
const count = (value: number, about: string, extras: Extras = {}) => whole(value, about, [1, 1e7], extras);
const pixels = (value: number, about: string, extras: Extras = {}) => whole(value, about, [1, 16384], extras);
const beta = (value: number, label: string) => number(value, "beta of the smooth L1 loss on coded boxes", [0, 1000], { label });
const length = numberIn({ least: 1e-3, most: 1e6 });

const fiveLevels: Shape = (value) => {
  const levels = value as readonly (readonly number[])[];
  if (levels.length !== 5) return { path: [], message: `has ${levels.length} items; expected 5` };
  return new Set(levels.map((sizes) => sizes.length)).size === 1
    ? null
    : { path: [], message: "expected as many sizes on every level" };
};

const anchors = {
  sizes: list<readonly number[]>(
    [[32], [64], [128], [256], [512]],
    "square roots of anchor areas, in pixels of the network's input; a list for each level, P2 to P6",
    {
      item: listOf(length, { least: 1, most: 16 }),
      check: fiveLevels,
      show: (level) => level.join("+"),
      label: "anchors on P2 to P6, pixels",
    },
  ),
  aspectRatios: list([0.5, 1, 2], "height / width, the same on every level", { item: length, label: "anchors, height/width" }),
};

export const detectorSettings = {
  backbone: oneOf(backbones, "ResNet below the feature pyramid", { default: "resnet50", flag: "--backbone <name>" }),
  normalization: oneOf(
    ["frozen-batch-norm", "group-norm"],
    "frozen-batch-norm for weights that were trained with batch normalisation, group-norm from scratch",
  ),
  batchNormEps: fraction(1e-5, "epsilon of frozen batch normalisation", { label: "frozen batch normalisation, epsilon" }),
  trainableLayers: whole(5, "stages of the backbone to train, counted from its end", [0, 5], {
    flag: "--trainable-layers <n>",
    auto: "3 from weights with batch normalisation, else 5",
    label: "stages of the backbone trained, of 5",
  }),
  /** Of the foreground; class 0 is background. */
  classes: list(["cell"], "names of the classes", { item: anyText }),
  input: either(
    {
      /** `stretch`: as in the paper (section 4.1); `letterbox`: the rest of the square is in the mean colour. */
      kind: oneOf(["stretch", "letterbox"], "stretch an image to that square, as the paper does, or letterbox: keep its aspect", {
        flag: "--resize <how>",
        label: "input",
      }),
      size: whole(800, "side of the square that an image becomes", [32, 16384], {
        flag: "--input-size <pixels>",
        label: "input size, pixels",
      }),
    },
    {
      kind: oneOf(["shortest-edge"], "scale an image's shortest edge, as torchvision does", { label: "input" }),
      min: pixels(800, "the shortest edge", { label: "shortest edge, pixels" }),
      max: pixels(1333, "most of the longest edge", { label: "longest edge, pixels" }),
    },
    {
      /** src/data/working-resolution.ts: cells keep their size, whatever the size of an image. */
      kind: oneOf(["resolution"], "bring an image to the model's working resolution and see it in windows", { label: "input" }),
      window: whole(448, "side of a training window, in pixels of the network's input", [64, 8192], {
        label: "training window, pixels",
      }),
      mpp: orNull(number(0.5, "working resolution, microns per pixel of the network's input", [1e-4, 1e5]), "unknown"),
      scale: number(1, "pixels of the network's input per pixel of an image whose microns per pixel are unknown", [1e-5, 1e5], {
        label: "scale where microns per pixel are unknown",
      }),
    },
  ),
  anchors,
  rpn: {
    heads: oneOf(["shared", "per-level"], "one first-stage head for all pyramid levels, or one each", {
      flag: "--rpn-heads <kind>",
      label: "RPN heads",
    }),
    preNmsTopN: {
      train: count(2000, "best-scored anchors of each level that are decoded", {
        label: "RPN anchors decoded per level, in training",
      }),
      test: count(1000, "the same in detection", { label: "RPN anchors decoded per level, in detection" }),
    },
    postNmsTopN: {
      train: count(2000, "proposals of each image that the second stage sees", { label: "proposals per image, in training" }),
      test: count(1000, "the same in detection", { label: "proposals per image, in detection" }),
    },
    scoreThreshold: fraction(0, "least probability of a cell that a proposal has, in detection", {
      label: "least score of a proposal, in detection",
      since: { version: "0.5.0", before: 0 },
    }),
    nmsThreshold: fraction(0.7, "IoU above which a proposal is suppressed by a better one", { label: "RPN NMS" }),
    foregroundIou: fraction(0.7, "least IoU of an anchor with its cell", { label: "RPN foreground IoU" }),
    backgroundIou: fraction(0.3, "IoU with every cell below which an anchor is background", { label: "RPN background IoU" }),
    batchSizePerImage: count(256, "anchors sampled for the loss", { label: "RPN sample per image" }),
    positiveFraction: fraction(0.5, "largest part of them on cells", { label: "RPN sample, positive at most" }),
    smoothL1Beta: beta(1 / 9, "RPN smooth L1 beta"),
  },
  roi: {
    foregroundIou: fraction(0.5, "least IoU of a proposal with its cell", { label: "RoI foreground IoU" }),
    batchSizePerImage: count(512, "RoIs sampled for the loss", { label: "RoI sample per image" }),
    positiveFraction: fraction(0.25, "largest part of them on cells", { label: "RoI sample, positive at most" }),
    addGroundTruth: flag(true, "annotated boxes are proposals, too", { label: "annotations are proposals" }),
    smoothL1Beta: beta(1, "RoI smooth L1 beta"), // 1 in the paper's Eq. (4); torchvision has 1/9
    representationSize: count(1024, "features of a RoI", { label: "features of a RoI" }),
  },
  detection: {
    scoreThreshold: fraction(0.05, "least score of a detection", { label: "least score" }),
    nmsThreshold: fraction(0.5, "IoU above which a detection is suppressed by a better one", { label: "detection NMS" }),
    /** torchvision has 100, fewer than the cells of a dense patch. */
    maxDetections: orNull(count(100, "most detections per image", { label: "detections per image" }), "no limit"),
  },
};

/** All settings of a detector; their meanings, ranges and defaults are in docs/reference/settings.md. */
export type DetectorConfig = ValuesOf<typeof detectorSettings>;
/** How an image becomes the network's input. */
export type InputSize = DetectorConfig["input"];
/** The network's coarsest stride: places whose coordinates differ by a multiple of it are seen alike. */
export const coarsestStride = 64;
/** A model that has a working resolution. */
export type Resolution = Extract<InputSize, { kind: "resolution" }>;
/** Sizes of anchors per pyramid level, in pixels of the input, and their aspect ratios. */
export type AnchorConfig = DetectorConfig["anchors"];
/** Frozen batch normalisation with pretrained weights, group normalisation from random ones. */
export type NormalizationKind = DetectorConfig["normalization"];
/** Settings of the first stage. */
export type RpnConfig = DetectorConfig["rpn"];
/** Settings of the second stage. */
export type RoiConfig = DetectorConfig["roi"];
/** What becomes a detection. */
export type DetectionConfig = DetectorConfig["detection"];

/** Of the settings in a model file. */
export const detectorConfigShape = shapeOf(detectorSettings);

/**
 * torchvision's defaults where it has them, without a limit of detections.
 *
 * @example
 * const small = { ...defaultConfig, backbone: "resnet18", classes: ["cell"] } as const;
 * const detector = new Detector(small, { seed: 1 });
 */
export const defaultConfig: DetectorConfig = defaultsOf(detectorSettings);

/**
 * The settings of torchvision's `fasterrcnn_resnet50_fpn`, for its state dicts. Only its limit of 100 detections is left out.
 *
 * @example
 * const detector = new Detector({ ...torchvisionConfig, classes: ["cell"] }, { seed: 1 });
 */
export const torchvisionConfig: DetectorConfig = valuesWith(detectorSettings, {
  input: { kind: "shortest-edge", min: 800, max: 1333 },
  roi: { smoothL1Beta: 1 / 9 },
});
