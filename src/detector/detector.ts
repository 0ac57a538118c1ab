// Faster R-CNN on a feature pyramid (Lin et al., CVPR 2017): the paper's detector, with the parameter names and the default
// behaviour of torchvision's `fasterrcnn_resnet50_fpn`. Three verbs, none of which depends on a training flag:
// `propose`, `losses` and `detect`. N images; boxes are x1 y1 x2 y2, in pixels of the images as they came.

import {
  type Device,
  type Dtype,
  FrozenBatchNorm2d,
  Generator,
  GroupNorm,
  type MemoryFormat,
  Module,
  type NormalizationFactory,
  noGrad,
  scope,
  softmax,
  type Tensor,
} from "@sparsecell/torch";
import type { RgbImage } from "../data/image-file.ts";
import type { LossOptions } from "../methods/calibration.ts";
import { FeaturePyramid } from "../network/fpn.ts";
import { ResNet } from "../network/resnet.ts";
import type { DetectorConfig } from "../settings/detector-config.ts";
import { type AnchorGrid, anchorGrid } from "./anchors.ts";
import { type ImageDetections, RoiHeads } from "./roi-heads.ts";
import type { RoiLoss } from "./roi-loss.ts";
import { type Proposals, Rpn, type RpnOutput } from "./rpn.ts";
import type { RpnLoss } from "./rpn-loss.ts";
import { type Batch, rescale, toBatch } from "./transform.ts";
import { resizeTruths, type Truths } from "./truths.ts";

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

export type Losses = RpnLoss & RoiLoss;

export interface DetectorOptions {
  readonly seed: number;
  readonly device?: Device;
  /** Of activations; weights, losses and boxes stay float32. */
  readonly dtype?: Dtype;
  /** Layout of activations and of convolutions' weights: channels_last (the default, faster on every device so far) or first. */
  readonly channelsLast?: boolean;
}

export class Detector extends Module {
  readonly backbone: Backbone;
  readonly rpn: Rpn;
  readonly roi_heads: RoiHeads;
  readonly config: DetectorConfig;
  readonly #device: Device;
  readonly #dtype: Dtype;
  readonly #memoryFormat: MemoryFormat;
  readonly #grids = new Map<string, AnchorGrid>();

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
    this.#device = options.device ?? "cpu";
    this.#dtype = options.dtype ?? "float32";
    this.#memoryFormat = options.channelsLast === false ? "contiguous_format" : "channels_last";
    if (this.#device !== "cpu") this.toDevice(this.#device);
    if (this.#memoryFormat !== "channels_last") this.toMemoryFormat(this.#memoryFormat);
  }

  /** Proposals of every image, in pixels of the network's input. */
  propose(images: readonly RgbImage[]): Proposals[] {
    return noGrad(() =>
      scope(() => {
        const batch = this.#batch(images);
        return this.#first(batch, "test").proposals;
      }),
    );
  }

  /** The four parts of the training loss, on any images, with gradients. `truths`: what is known of each image. */
  losses(images: readonly RgbImage[], truths: readonly Truths[], options: LossOptions): Losses {
    // The scope lets go of activations as soon as they are computed: the graph holds those that backward needs, no others.
    return scope(() => {
      const batch = this.#batch(images);
      const wanted = truths.map((truth, n) => resizeTruths(truth, batch.originals[n], batch.sizes[n]));
      const { levels, output, grid, proposals } = this.#first(batch, "train");
      const rpn = this.rpn.loss(output, grid, wanted, options);
      const sampled = proposals.map((own, n) => this.roi_heads.sample(own, wanted[n], options.random));
      const roi = this.roi_heads.loss(levels.slice(0, 4), sampled, options);
      return { ...rpn, ...roi };
    });
  }

  /** The cells of every image. */
  detect(images: readonly RgbImage[]): ImageDetections[] {
    return noGrad(() =>
      scope(() => {
        const batch = this.#batch(images);
        const { levels, proposals } = this.#first(batch, "test");
        const [logits, codes] = this.roi_heads.forward(
          levels.slice(0, 4),
          proposals.map(({ boxes }) => boxes),
        );
        const probabilities = softmax(logits, 1).data() as Float32Array;
        const allCodes = codes.data() as Float32Array;
        const classes = this.config.classes.length + 1;
        let start = 0;
        return proposals.map(({ boxes, capped: proposalsCapped }, n) => {
          const end = start + boxes.length / 4;
          const own = [
            probabilities.subarray(start * classes, end * classes),
            allCodes.subarray(4 * start * classes, 4 * end * classes),
          ] as const;
          start = end;
          const found = this.roi_heads.detections(...own, boxes, batch.sizes[n], this.config.detection);
          return { ...found, proposalsCapped, boxes: rescale(found.boxes, batch.sizes[n], batch.originals[n]) };
        });
      }),
    );
  }

  #batch(images: readonly RgbImage[]): Batch {
    return toBatch(images, {
      input: this.config.input,
      device: this.#device,
      dtype: this.#dtype,
      memoryFormat: this.#memoryFormat,
    });
  }

  #first(
    batch: Batch,
    phase: "train" | "test",
  ): { levels: Tensor[]; output: RpnOutput; grid: AnchorGrid; proposals: Proposals[] } {
    const levels = scope(() => this.backbone.fpn.forward(this.backbone.body.forward(batch.input)));
    const output = this.rpn.forward(levels);
    const grid = this.#grid(batch.input.shape, levels);
    const proposals = batch.sizes.map((size, n) => this.rpn.proposals(output, grid, n, size, phase));
    return { levels, output, grid, proposals };
  }

  /** Grids depend on the input's size alone; the last few are kept. */
  #grid([, , height, width]: number[], levels: readonly Tensor[]): AnchorGrid {
    const key = `${height}x${width}`;
    let grid = this.#grids.get(key);
    if (!grid) {
      grid = anchorGrid(
        this.config.anchors,
        [height, width],
        levels.map((level) => [level.shape[2], level.shape[3]] as const),
      );
      if (this.#grids.size >= 8) this.#grids.clear();
      this.#grids.set(key, grid);
    }
    return grid;
  }
}

function normalizationOf({ normalization, batchNormEps }: DetectorConfig): NormalizationFactory {
  switch (normalization) {
    case "frozen-batch-norm":
      return (channels) => new FrozenBatchNorm2d(channels, batchNormEps);
    case "group-norm":
      return (channels) => new GroupNorm(channels);
  }
}
