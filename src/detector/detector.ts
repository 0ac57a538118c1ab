// Faster R-CNN on a feature pyramid (Lin et al., CVPR 2017): the paper's detector, with the parameter names and the default
// behaviour of torchvision's `fasterrcnn_resnet50_fpn`. Three verbs, none of which depends on a training flag: `propose`, `losses`
// and `detect`; what they are made of can be called, too. N images; boxes are x1 y1 x2 y2, in pixels of the images as they came.

import {
  type Device,
  type Dtype,
  FrozenBatchNorm2d,
  Generator,
  GroupNorm,
  Module,
  type NormalizationFactory,
  noGrad,
  scope,
  type Tensor,
} from "@sparsecell/torch";
import type { RgbImage } from "../data/image-file.ts";
import type { Core } from "../geometry/windows.ts";
import type { StepContext } from "../methods/calibration.ts";
import { FeaturePyramid } from "../network/fpn.ts";
import { ResNet } from "../network/resnet.ts";
import type { RandomUse } from "../random.ts";
import type { DetectorConfig } from "../settings/detector.ts";
import { type AnchorGrid, anchorGrid } from "./anchors.ts";
import type { CalibratedImage, LossOptions } from "./calibrated.ts";
import type { Detections } from "./detections.ts";
import { type KnownCells, resizeKnownCells } from "./known-cells.ts";
import { RoiHeads } from "./roi-heads.ts";
import type { RoiLoss } from "./roi-loss.ts";
import { type Proposals, proposalsNear, Rpn, type RpnOutput } from "./rpn.ts";
import type { RpnLoss } from "./rpn-loss.ts";
import { type Batch, rescale, type Size, toBatch } from "./transform.ts";

class Backbone extends Module {
  readonly body: ResNet;
  readonly fpn: FeaturePyramid;

  constructor(config: DetectorConfig, generator: Generator) {
    super();
    this.body = new ResNet(config.backbone, normalizationOf(config), generator);
    this.body.train(config.trainableLayers);
    this.fpn = new FeaturePyramid(ResNet.channels(config.backbone), generator);
  }
}

/** The four parts of the training loss: each a scalar. */
export type DetectorLosses = RpnLoss & RoiLoss;

/** The losses of a batch, and what the calibration was asked and said of each image. */
export interface TrainingPass {
  readonly losses: DetectorLosses;
  /** Of each image; null when the calibration leaves the first stage alone. */
  readonly anchors: readonly CalibratedImage[] | null;
  readonly rois: readonly CalibratedImage[];
  /** How many anchors and RoIs the first two and the last two losses are means over. */
  readonly counts: { readonly anchors: number; readonly rois: number };
}

/** The losses of one stage, and what the calibration was asked and said of each image; null when it leaves the stage alone. */
export interface StageLoss<Losses, Said = readonly CalibratedImage[]> {
  readonly losses: Losses;
  /** How many sampled candidates of the batch each loss is a mean over. */
  readonly count: number;
  readonly calibrated: Said;
}

/** What the network sees in a batch. */
export interface Features {
  readonly batch: Batch;
  /** P2 … P6, [N, 256, H, W] */
  readonly pyramid: readonly Tensor[];
}

export interface FirstStage extends Features {
  readonly output: RpnOutput;
  readonly anchors: AnchorGrid;
  /** Of each image, in pixels of the input. */
  readonly proposals: readonly Proposals[];
}

/** The cells of one image, with what the first stage says of it. */
export interface ImageDetections extends Detections {
  /** Whether the first stage had more proposals than its limit lets through. */
  readonly proposalsCapped: boolean;
}

/** With the probability of the proposal that each cell comes from. */
export interface FoundByDetector extends ImageDetections {
  /** [D], 0 … 1 */
  readonly objectness: Float32Array;
}

/** First weights, and where and how the network computes. */
export interface DetectorOptions {
  /** Of the first weights. */
  readonly seed: number;
  /** "cpu" (the default), "cuda" or "cuda:1". */
  readonly device?: Device;
  /** Type of activations: float32 (the default) or bfloat16. Weights, losses and boxes stay float32. */
  readonly dtype?: Dtype;
  /** Layout of activations and of convolutions' weights: channels_last (the default, faster on every device so far) or first. */
  readonly channelsLast?: boolean;
}

/**
 * A Faster R-CNN with feature pyramid. Its parameters have torchvision's names. It owns its tensors until `release()`.
 *
 * @example
 * const config = { ...defaultConfig, backbone: "resnet18", normalization: "group-norm" } as const;
 * const detector = new Detector(config, { seed: 1 });
 * const [{ boxes, scores, labels }] = detector.detect([await readImage("patch.png")]);
 * detector.release();
 */
export class Detector extends Module {
  readonly backbone: Backbone;
  readonly rpn: Rpn;
  readonly roi_heads: RoiHeads;
  readonly config: DetectorConfig;
  readonly options: Required<DetectorOptions>;
  readonly #anchorsBySize = new Map<string, AnchorGrid>();

  constructor(config: DetectorConfig, options: DetectorOptions) {
    super();
    const generator = new Generator(options.seed);
    if (new Set(config.anchors.sizes.map(({ length }) => length)).size !== 1)
      throw new RangeError("anchors: expected as many sizes on every level, got different numbers");
    const anchorsPerCell = config.anchors.aspectRatios.length * config.anchors.sizes[0].length;
    this.backbone = scope(() => new Backbone(config, generator));
    this.rpn = scope(() => new Rpn(config.rpn, anchorsPerCell, generator));
    this.roi_heads = scope(() => new RoiHeads(config.roi, config.classes.length + 1, generator));
    this.config = config;
    const { seed, device = "cpu", dtype = "float32", channelsLast = true } = options;
    this.options = { seed, device, dtype, channelsLast };
    if (device !== "cpu") this.toDevice(device);
    if (!channelsLast) this.toMemoryFormat("contiguous_format");
  }

  /** Proposals of every image, in pixels of the network's input. */
  propose(images: readonly RgbImage[]): readonly Proposals[] {
    return noGrad(() => scope(() => this.firstStage(images, "test").proposals));
  }

  /**
   * The four parts of the training loss, on any images, with gradients. `known`: what is known of each image. Throws a
   * DivergedError when the network's output is not finite.
   */
  losses(images: readonly RgbImage[], known: readonly KnownCells[], options: LossOptions): DetectorLosses {
    return scope(() => this.trainingPass(images, known, options).losses);
  }

  /** As `losses`, with what the calibration was asked and what it said of each image. */
  trainingPass(images: readonly RgbImage[], known: readonly KnownCells[], options: LossOptions): TrainingPass {
    // The scope lets go of activations as soon as they are computed: the graph holds those that backward needs, no others.
    return scope(() => {
      const first = this.firstStage(images, "train");
      const rpn = this.firstStageLoss(first, known, options);
      const roi = this.secondStageLoss(first, known, options);
      const counts = { anchors: rpn.count, rois: roi.count };
      return { losses: { ...rpn.losses, ...roi.losses }, anchors: rpn.calibrated, rois: roi.calibrated, counts };
    });
  }

  /**
   * The cells of every image, in its own pixels. `cores`: the part of each image whose cells are wanted, if not all are. The second
   * stage passes over what lies elsewhere, so that cells outside may be missing; those inside are the same.
   */
  detect(images: readonly RgbImage[], cores?: readonly Core[]): FoundByDetector[] {
    return noGrad(() =>
      scope(() => {
        const first = this.firstStage(images, "test");
        if (!cores) return this.detections(first);
        const { sizes, originals } = first.batch;
        const proposals = first.proposals.map((image, n) => proposalsNear(image, coreIn(cores[n], originals[n], sizes[n])));
        return this.detections({ ...first, proposals });
      }),
    );
  }

  /** The feature pyramid, with gradients. */
  features(images: readonly RgbImage[]): Features {
    return scope(() => {
      const batch = this.#batch(images);
      return { batch, pyramid: this.backbone.fpn.forward(this.backbone.body.forward(batch.input)) };
    });
  }

  /** Features, the first stage's output and its proposals: what both stages' verbs take. `phase` chooses the limits. */
  firstStage(images: readonly RgbImage[], phase: "train" | "test"): FirstStage {
    return scope(() => {
      const { batch, pyramid } = this.features(images);
      const output = this.rpn.forward(pyramid);
      const anchors = this.#anchors(batch.input.shape, pyramid);
      return { batch, pyramid, output, anchors, proposals: this.proposals({ batch, output, anchors }, phase) };
    });
  }

  /** The proposals of every image, from the first stage's output. */
  proposals(
    { batch, output, anchors }: Pick<FirstStage, "batch" | "output" | "anchors">,
    phase: "train" | "test",
  ): readonly Proposals[] {
    return batch.sizes.map((size, n) => this.rpn.proposals(output, anchors, n, size, phase, trainingWindows(this.config, size)));
  }

  /** The loss of the first stage, with gradients. */
  firstStageLoss(
    { batch, output, anchors }: Pick<FirstStage, "batch" | "output" | "anchors">,
    known: readonly KnownCells[],
    options: LossOptions,
  ): StageLoss<RpnLoss, readonly CalibratedImage[] | null> {
    return scope(() => {
      const contexts = stepContexts(options, known.length, "first stage");
      const sampled = inputCells(known, batch).map((image, n) => this.rpn.sample(anchors, image, contexts[n].random));
      const calibrated = this.rpn.calibrate(output, sampled, options.calibration, contexts);
      return { losses: this.rpn.loss(output, sampled, calibrated), count: countOf(sampled), calibrated };
    });
  }

  /** The loss of the second stage, with gradients. `proposals`: those of the first stage, or others in pixels of the input. */
  secondStageLoss(
    { batch, pyramid, proposals }: Features & { readonly proposals: readonly Omit<Proposals, "capped">[] },
    known: readonly KnownCells[],
    options: LossOptions,
  ): StageLoss<RoiLoss> {
    return scope(() => {
      const contexts = stepContexts(options, known.length, "second stage");
      const sampled = inputCells(known, batch).map((image, n) => this.roi_heads.sample(proposals[n], image, contexts[n].random));
      const boxes = sampled.map((image) => image.boxes);
      const output = this.roi_heads.forward(pyramid, boxes);
      const calibrated = this.roi_heads.calibrate(output, pyramid, sampled, options.calibration, contexts);
      return { losses: this.roi_heads.loss(output, sampled, calibrated), count: countOf(sampled), calibrated };
    });
  }

  /** The cells of every image that are in its proposals, in its own pixels. */
  detections({ batch, pyramid, proposals }: Features & Pick<FirstStage, "proposals">): FoundByDetector[] {
    const boxes = proposals.map((image) => image.boxes);
    return this.roi_heads.detect(pyramid, boxes, batch.sizes, this.config.detection).map(({ rows, ...image }, n) => ({
      ...image,
      objectness: Float32Array.from(rows, (row) => proposals[n].objectness[row]),
      proposalsCapped: proposals[n].capped,
      boxes: rescale(image.boxes, batch.sizes[n], batch.originals[n]),
    }));
  }

  #batch(images: readonly RgbImage[]): Batch {
    const { device, dtype, channelsLast } = this.options;
    const memoryFormat = channelsLast ? "channels_last" : "contiguous_format";
    return toBatch(images, { input: this.config.input, device, dtype, memoryFormat });
  }

  /** Anchors depend on the input's size alone; those of the last few sizes are kept. */
  #anchors([, , height, width]: number[], pyramid: readonly Tensor[]): AnchorGrid {
    const key = `${height}x${width}`;
    let anchors = this.#anchorsBySize.get(key);
    if (!anchors) {
      anchors = anchorGrid(
        this.config.anchors,
        [height, width],
        pyramid.map((level) => [level.shape[2], level.shape[3]] as const),
      );
      if (this.#anchorsBySize.size >= 8) this.#anchorsBySize.clear();
      this.#anchorsBySize.set(key, anchors);
    }
    return anchors;
  }
}

/** What is known of the images, in pixels of the input. */
const inputCells = (known: readonly KnownCells[], { originals, sizes }: Batch): KnownCells[] =>
  known.map((image, n) => resizeKnownCells(image, originals[n], sizes[n]));

function stepContexts({ calibration, progress, random, state }: LossOptions, images: number, use: RandomUse): StepContext[] {
  const remembered = state ?? calibration.memory?.initial() ?? {};
  return Array.from({ length: images }, (_, n) => ({ progress, random: random(n, use), state: remembered }));
}

const countOf = (sampled: readonly { readonly labels: Int32Array }[]): number =>
  sampled.reduce((sum, { labels }) => sum + labels.length, 0);

/** How many training windows an input is as large as; 1 without a working resolution. */
const trainingWindows = ({ input }: DetectorConfig, [height, width]: Size): number =>
  input.kind === "resolution" ? Math.max(1, (height * width) / input.window ** 2) : 1;

/** A core in pixels of the input. */
const coreIn = (core: Core, from: Size, to: Size): Core => [...rescale(Float32Array.from(core), from, to)] as unknown as Core;

function normalizationOf({ normalization, batchNormEps }: DetectorConfig): NormalizationFactory {
  switch (normalization) {
    case "frozen-batch-norm":
      return (channels) => new FrozenBatchNorm2d(channels, batchNormEps);
    case "group-norm":
      return (channels) => new GroupNorm(channels);
  }
}
