// How the detectors of an experiment are trained: all that is the same in every run of it. `paperSettings` is the paper's,
// where it says (Li et al. 2021, section 4.1), and otherwise that of its most likely base, the public FPN_Tensorflow
// (https://github.com/DetectionTeamUCAS/FPN_Tensorflow, libs/configs/cfgs_res50_fpn.py).

import { basename } from "node:path";
import { either, type Line, linesOf, type ValuesOf, valuesWith } from "./declarations.ts";
import { detectorSettings, type NormalizationKind } from "./detector.ts";
import { dtypeChoice, machine } from "./machine.ts";
import { oneOf } from "./setting.ts";
import { schedule } from "./training.ts";

const { normalization, trainableLayers, classes, anchors, ...sharedDetector } = detectorSettings; // the rest is for each run

/** What a protocol's preset sets. */
export const presetSettings = {
  ...schedule,
  dtype: dtypeChoice,
  anchors: either(oneOf(["from-data"], "from the sizes of the visible training annotations"), anchors),
  trainableLayers,
  detector: sharedDetector,
};
/** How the detectors of an experiment are trained. */
export type TrainSettings = ValuesOf<typeof presetSettings>;

/** What `grid.json` records of it: `auto` has been settled. */
export const gridSettings = { ...presetSettings, dtype: machine.dtype };
export type GridSettings = ValuesOf<typeof gridSettings>;

/**
 * 800 × 800, 10,000 steps of one image, learning rate 0.001 divided by 10 at 5,000 and 7,500; limits as in FPN_Tensorflow.
 *
 * @example
 * const longer: TrainSettings = { ...paperSettings, steps: 20_000 };
 */
export const paperSettings: TrainSettings = valuesWith(presetSettings, {
  steps: 10_000,
  batch: 1,
  lr: 0.001,
  momentum: 0.9,
  weightDecay: 1e-4,
  dtype: "float32",
  anchors: { sizes: [[32], [64], [128], [256], [512]], aspectRatios: [0.5, 1, 2] },
  trainableLayers: 4, // its first convolution is never trained
  detector: {
    backbone: "resnet50",
    input: { kind: "stretch", size: 800 },
    rpn: {
      heads: "per-level", // the paper counts 80 layers, which shared heads do not have
      preNmsTopN: { train: 12_000, test: 6_000 },
      postNmsTopN: { train: 2_000, test: 1_000 },
    },
    roi: { batchSizePerImage: 256, addGroundTruth: false, smoothL1Beta: 1 },
    detection: { scoreThreshold: 0, nmsThreshold: 0.3, maxDetections: 100 },
  },
});

/**
 * ResNet-18, anchors from the data, no limit of detections, a short schedule: what a laptop finishes.
 *
 * @example
 * const shorter: TrainSettings = { ...quickSettings, steps: 200 };
 */
export const quickSettings: TrainSettings = valuesWith(presetSettings, {
  steps: 600,
  lr: 0.005,
  warmup: 25,
  clipGradient: 10,
  anchors: "from-data",
  trainableLayers: 4,
  detector: { backbone: "resnet18", input: { kind: "stretch", size: 448 } },
});

/**
 * Minutes on two cores, from random weights: what `demo` trains. The cells that it draws have boxes of 32 pixels, at half of the
 * resolution the 16 that are learned best (docs/how-to/plan.md), for a quarter of the time. The sample of RoIs stays torchvision's:
 * a smaller one has relatively more of the marked cells, and would hide what few annotations do to the scores.
 */
export const demoSettings = valuesWith(gridSettings, {
  steps: 200,
  lr: 0.014,
  clipGradient: 10,
  turns: true,
  anchors: "from-data",
  detector: {
    backbone: "resnet18",
    input: { kind: "resolution", window: 128, mpp: null, scale: 0.5 },
    rpn: { scoreThreshold: 0.03 },
    roi: { representationSize: 256 }, // a slim second stage, for time
  },
});

/** Random weights have no stage that is worth freezing. */
export const trainedFrom = (weights: string | null, settings: GridSettings): GridSettings =>
  weights === null ? { ...settings, trainableLayers: 5 } : settings;

/** Every setting as a line of a report: what is capped is said. `normalizationOf`: of weights that are a model of ours. */
export function settingLines(settings: GridSettings, weights: string | null, normalizationOf?: NormalizationKind): Line[] {
  const frozen = weights !== null && normalizationOf !== "group-norm";
  const first = `${weights === null ? "random" : basename(weights)}, with ${frozen ? "frozen batch" : "group"} normalisation`;
  return [{ label: "first weights", value: first }, ...linesOf(gridSettings, trainedFrom(weights, settings))];
}
