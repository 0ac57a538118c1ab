// How the detectors of an experiment are trained: all that is the same in every run of it. `paperSettings` is the paper's own,
// where it says (Li et al. 2021, section 4.1), and else that of its most likely base, the public FPN_Tensorflow
// (https://github.com/DetectionTeamUCAS/FPN_Tensorflow, libs/configs/cfgs_res50_fpn.py).

import { basename } from "node:path";
import type { AnchorConfig, DetectorConfig } from "./detector-config.ts";
import { defaultConfig } from "./detector-config.ts";
import type { TrainConfig } from "./run-config.ts";

export interface TrainSettings
  extends Pick<TrainConfig, "steps" | "batch" | "lr" | "warmup" | "momentum" | "weightDecay" | "clipGradient" | "augment"> {
  /** Of activations; weights and losses stay float32. */
  readonly dtype: "float32" | "bfloat16";
  /** From the sizes of the visible training annotations, or these. */
  readonly anchors: "from-data" | AnchorConfig;
  /** Of the backbone, when it starts from weights; from random ones all of it is trained, with group normalisation. */
  readonly trainableLayers: number;
  readonly detector: Omit<DetectorConfig, "normalization" | "trainableLayers" | "classes" | "anchors">;
}

const { normalization, trainableLayers, classes, anchors, ...defaultDetector } = defaultConfig;

/** 800 × 800, 10,000 steps of one image, learning rate 0.001 divided by 10 at 5,000 and 7,500; limits as in FPN_Tensorflow. */
export const paperSettings: TrainSettings = {
  steps: 10_000,
  batch: 1,
  lr: 0.001,
  warmup: 0,
  momentum: 0.9,
  weightDecay: 1e-4,
  clipGradient: null,
  augment: true,
  dtype: "float32",
  anchors: { sizes: [[32], [64], [128], [256], [512]], aspectRatios: [0.5, 1, 2] },
  trainableLayers: 4, // its first convolution is never trained
  detector: {
    ...defaultDetector,
    backbone: "resnet50",
    input: { kind: "stretch", size: 800 },
    rpn: {
      heads: "per-level", // the paper counts 80 layers, which shared heads do not have
      preNmsTopN: { train: 12_000, test: 6_000 },
      postNmsTopN: { train: 2_000, test: 1_000 },
      nmsThreshold: 0.7,
      foregroundIou: 0.7,
      backgroundIou: 0.3,
      batchSizePerImage: 256,
      positiveFraction: 0.5,
      smoothL1Beta: 1 / 9,
    },
    roi: {
      foregroundIou: 0.5,
      batchSizePerImage: 256,
      positiveFraction: 0.25,
      addGroundTruth: false,
      smoothL1Beta: 1,
      representationSize: 1024,
    },
    detection: { scoreThreshold: 0, nmsThreshold: 0.3, maxDetections: 100 },
  },
};

/** ResNet-18, anchors from the data, no limit of detections, a short schedule: what a laptop finishes. */
export const quickSettings: TrainSettings = {
  ...paperSettings,
  steps: 600,
  lr: 0.005,
  warmup: 25,
  clipGradient: 10,
  anchors: "from-data",
  detector: { ...defaultDetector, backbone: "resnet18", input: { kind: "stretch", size: 448 } },
};

/** Every setting as a line of a report: what is capped, is said. */
export function settingLines(settings: TrainSettings, weights: string | null): { label: string; value: string }[] {
  const { detector, anchors } = settings;
  const { backbone, input, rpn, roi, detection, batchNormEps } = detector;
  const line = (label: string, value: string | number): { label: string; value: string } => ({ label, value: String(value) });
  const both = ({ train, test }: { train: number; test: number }): string => `${train} in training, ${test} in test`;
  return [
    line("detector", `${backbone} with FPN, ${settings.dtype}`),
    line(
      "input",
      input.kind === "shortest-edge" ? `edges ${input.min} to ${input.max}` : `${input.kind} to ${input.size}×${input.size}`,
    ),
    line(
      "first weights",
      weights === null
        ? "random, group normalisation, all layers trained"
        : `${basename(weights)}, frozen batch normalisation (eps ${batchNormEps}), ${settings.trainableLayers} of 5 stages trained`,
    ),
    line("steps", `${settings.steps} of ${settings.batch} image${settings.batch === 1 ? "" : "s"}`),
    line("learning rate", `${settings.lr}, divided by 10 at 50 % and 75 %; warm-up ${settings.warmup} steps`),
    line("momentum", settings.momentum),
    line("weight decay", settings.weightDecay),
    line("largest gradient norm", settings.clipGradient ?? "no limit"),
    line("augmentation", settings.augment ? "flips" : "none"),
    line(
      "anchors",
      anchors === "from-data"
        ? "from the visible annotations"
        : `${anchors.sizes.map((level) => level.join("+")).join(", ")} px; height/width ${anchors.aspectRatios.join(", ")}`,
    ),
    line("RPN heads", rpn.heads),
    line("RPN anchors decoded, a level", both(rpn.preNmsTopN)),
    line("proposals, an image", both(rpn.postNmsTopN)),
    line("RPN NMS", rpn.nmsThreshold),
    line("RPN foreground and background IoU", `${rpn.foregroundIou}, ${rpn.backgroundIou}`),
    line("RPN sample", `${rpn.batchSizePerImage}, at most ${rpn.positiveFraction} positive`),
    line("RPN smooth L1 beta", Number(rpn.smoothL1Beta.toPrecision(4))),
    line("RoI foreground IoU", roi.foregroundIou),
    line("RoI sample", `${roi.batchSizePerImage}, at most ${roi.positiveFraction} positive`),
    line("annotations are proposals", roi.addGroundTruth ? "yes" : "no"),
    line("RoI smooth L1 beta", Number(roi.smoothL1Beta.toPrecision(4))),
    line("representation", roi.representationSize),
    line("lowest score", detection.scoreThreshold),
    line("detection NMS", detection.nmsThreshold),
    line("detections, an image", detection.maxDetections ?? "no limit"),
  ];
}
