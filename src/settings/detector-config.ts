// Every setting of the detector, in one typed literal, with torchvision's defaults and names where it has them
// (https://pytorch.org/vision/0.14/models/faster_rcnn.html). Nothing is capped out of sight: limits are fields here.

export const backbones = ["resnet18", "resnet34", "resnet50", "resnet101"] as const;
export type Backbone = (typeof backbones)[number];

/** frozen-batch-norm for weights that were trained with batch normalisation, group-norm from scratch. */
export type NormalizationKind = "frozen-batch-norm" | "group-norm";

/**
 * How an image becomes the network's input. `stretch`: size × size, as in the paper (section 4.1); `letterbox`: scaled to fit
 * into size × size with its aspect kept, the rest at the right or bottom in the mean colour.
 */
export type InputSize =
  | { readonly kind: "stretch"; readonly size: number }
  | { readonly kind: "letterbox"; readonly size: number }
  | { readonly kind: "shortest-edge"; readonly min: number; readonly max: number };

export interface AnchorConfig {
  /** Per level, P2 first: square roots of anchor areas, in pixels of the network's input. */
  readonly sizes: readonly (readonly number[])[];
  /** Height / width, the same on every level. */
  readonly aspectRatios: readonly number[];
}

export interface RpnConfig {
  readonly heads: "shared" | "per-level";
  /** Best-scored anchors of each level that are decoded. */
  readonly preNmsTopN: { readonly train: number; readonly test: number };
  /** Proposals of each image that the second stage sees. */
  readonly postNmsTopN: { readonly train: number; readonly test: number };
  readonly nmsThreshold: number;
  readonly foregroundIou: number;
  readonly backgroundIou: number;
  readonly batchSizePerImage: number;
  readonly positiveFraction: number;
  /** Of the smooth L1 loss on coded boxes. */
  readonly smoothL1Beta: number;
}

export interface RoiConfig {
  readonly foregroundIou: number;
  readonly batchSizePerImage: number;
  readonly positiveFraction: number;
  /** Annotated boxes are proposals, too. */
  readonly addGroundTruth: boolean;
  /** 1 in the paper's Eq. (4); torchvision has 1/9. */
  readonly smoothL1Beta: number;
  readonly representationSize: number;
}

export interface DetectionConfig {
  readonly scoreThreshold: number;
  readonly nmsThreshold: number;
  /** Detections of one image; null for no limit. torchvision has 100, fewer than the cells of a dense patch. */
  readonly maxDetections: number | null;
}

export interface DetectorConfig {
  readonly backbone: Backbone;
  readonly normalization: NormalizationKind;
  readonly batchNormEps: number;
  /** Of the backbone, counted from its end: 5 trains everything, 3 freezes stem and first stage, 0 the whole backbone. */
  readonly trainableLayers: number;
  /** Names of the foreground classes; class 0 is background. */
  readonly classes: readonly string[];
  readonly input: InputSize;
  readonly anchors: AnchorConfig;
  readonly rpn: RpnConfig;
  readonly roi: RoiConfig;
  readonly detection: DetectionConfig;
}

export const defaultConfig: DetectorConfig = {
  backbone: "resnet50",
  normalization: "frozen-batch-norm",
  batchNormEps: 1e-5,
  trainableLayers: 5,
  classes: ["cell"],
  input: { kind: "stretch", size: 800 },
  anchors: { sizes: [[32], [64], [128], [256], [512]], aspectRatios: [0.5, 1, 2] },
  rpn: {
    heads: "shared",
    preNmsTopN: { train: 2000, test: 1000 },
    postNmsTopN: { train: 2000, test: 1000 },
    nmsThreshold: 0.7,
    foregroundIou: 0.7,
    backgroundIou: 0.3,
    batchSizePerImage: 256,
    positiveFraction: 0.5,
    smoothL1Beta: 1 / 9,
  },
  roi: {
    foregroundIou: 0.5,
    batchSizePerImage: 512,
    positiveFraction: 0.25,
    addGroundTruth: true,
    smoothL1Beta: 1,
    representationSize: 1024,
  },
  detection: { scoreThreshold: 0.05, nmsThreshold: 0.5, maxDetections: null },
};

/** What torchvision's `fasterrcnn_resnet50_fpn` is: for its state dicts. Only the cap of 100 detections is left out. */
export const torchvisionConfig: DetectorConfig = {
  ...defaultConfig,
  input: { kind: "shortest-edge", min: 800, max: 1333 },
  roi: { ...defaultConfig.roi, smoothL1Beta: 1 / 9 },
};
