// The second stage: what is in each RoI, and where exactly (Girshick, ICCV 2015, https://arxiv.org/abs/1504.08083). R RoIs of the
// whole batch, C classes, 0 = background. Its verbs, in the order of a training step: sample, forward, calibrate, loss.

import { cat, type Generator, Module, noGrad, scope, softmax, Tensor } from "@sparsecell/torch";
import { decode, roiWeights } from "../geometry/box-codec.ts";
import { joined, perImage, rowsAt } from "../geometry/rows.ts";
import type { AllProposals, Calibration, StepContext } from "../methods/calibration.ts";
import { BoxHead, BoxPredictor, bins, roiValues } from "../network/box-head.ts";
import { pooled, pyramidRows, roiAlign } from "../network/roi-align.ts";
import type { Random } from "../random.ts";
import type { DetectionConfig, RoiConfig } from "../settings/detector.ts";
import { askCalibration, type CalibratedImage, joinCalibrated } from "./calibrated.ts";
import { type SampledCandidates, sampleCandidates } from "./candidates.ts";
import { type DetectionsOfProposals, detectionsOf } from "./detections.ts";
import type { KnownCells } from "./known-cells.ts";
import { matchProposals } from "./matcher.ts";
import { type RoiLoss, roiLoss } from "./roi-loss.ts";
import type { Proposals } from "./rpn.ts";

/** RoIs that detection looks at together: a pooled one takes 50 kB. */
const MOST_AT_ONCE = 2048;

export const scales = [1 / 4, 1 / 8, 1 / 16, 1 / 32]; // P2 … P5; P6 serves the first stage only

/** The RoIs of one image that take part in the loss. */
export interface SampledRois extends SampledCandidates {
  /** [R]: as in `Rois`. */
  readonly objectness: Float32Array;
  /** [N, 4]: what they were drawn from, the proposals and the annotated boxes added to them. */
  readonly candidates: Float32Array;
}

export interface RoiOutput {
  /** [R, C] */
  readonly logits: Tensor;
  /** [R, C, 4] */
  readonly codes: Tensor;
}

export class RoiHeads extends Module {
  readonly box_head: BoxHead;
  readonly box_predictor: BoxPredictor;
  readonly #classes: number;
  readonly #config: RoiConfig;

  constructor(config: RoiConfig, classes: number, generator: Generator) {
    super();
    this.box_head = new BoxHead(config.representationSize, generator);
    this.box_predictor = new BoxPredictor(config.representationSize, classes, generator);
    this.#classes = classes;
    this.#config = config;
  }

  /** pyramid [P2 …], RoIs of each image [R_n, 4] in pixels of the input → the output for all of them, one image after another */
  forward(pyramid: readonly Tensor[], boxes: readonly Float32Array[]): RoiOutput {
    const [logits, codes] = this.box_predictor.forward(this.features(pyramid, boxes));
    return { logits, codes };
  }

  /** What both predictions are made of: [R, representationSize], not negative. */
  features(pyramid: readonly Tensor[], boxes: readonly Float32Array[]): Tensor {
    const levels = pyramid.slice(0, scales.length);
    const images = imagesOf(boxes);
    const values = roiAlign(levels, joined(boxes), images, { size: bins, scales }); // [R, 49, 256]
    const flat = values.to(levels[0].dtype).transpose(1, 2).reshape(images.length, roiValues); // channels first, as the weights expect
    return this.box_head.forward(flat);
  }

  /** RoIs of one image for the loss: a sample of its proposals, matched with the known cells. */
  sample(proposals: Omit<Proposals, "capped">, known: KnownCells, random: Random): SampledRois {
    const { addGroundTruth, foregroundIou } = this.#config;
    const candidates = addGroundTruth ? joined([proposals.boxes, known.boxes]) : proposals.boxes;
    const matched = matchProposals(candidates, known.boxes, foregroundIou);
    const options = { ...this.#config, codeWeights: roiWeights };
    const sampled = sampleCandidates(candidates, matched, { known, labels: known.labels }, options, random);
    const objectness = Float32Array.from(sampled.rows, (k) => proposals.objectness[k] ?? 1);
    return { ...sampled, objectness, candidates };
  }

  /** What the calibration says of the sampled RoIs of every image. `output`: of those RoIs. */
  calibrate(
    output: RoiOutput,
    pyramid: readonly Tensor[],
    samples: readonly SampledRois[],
    calibration: Calibration,
    contexts: readonly StepContext[],
  ): CalibratedImage[] {
    const regressed = this.#regressed(
      output,
      samples.map(({ boxes }) => boxes),
    );
    const all = calibration.needsAllProposals ? this.#regressAll(pyramid, samples) : null;
    const questions = samples.map(({ labels, overlaps, distances, objectness, certain, standsFor, boxes: proposals }, n) => ({
      rois: { labels, ...regressed[n], proposals, overlaps, distances, objectness, certain, standsFor, all: all?.[n] },
      context: contexts[n],
    }));
    return askCalibration(calibration.calibrate, questions, "second");
  }

  /** The loss of the sampled RoIs of every image, with what a calibration said of them. */
  loss({ logits, codes }: RoiOutput, samples: readonly SampledRois[], calibrated: readonly CalibratedImage[]): RoiLoss {
    const labels = samples.flatMap((image) => Array.from(image.labels));
    const foreground = Int32Array.from(labels.keys()).filter((r) => labels[r] > 0);
    const ofLabel = Tensor.from(
      foreground.map((r) => r * this.#classes + labels[r]),
      undefined,
      { device: codes.device },
    );
    return roiLoss(
      {
        logits,
        codes: codes.reshape(-1, 4).indexSelect(0, ofLabel),
        codeTargets: rowsAt(joined(samples.map((image) => image.codes)), foreground),
        foreground,
      },
      joinCalibrated(calibrated),
      this.#config.smoothL1Beta,
    );
  }

  /** The cells of every image: what is in its proposals [R_n, 4], in pixels of the input. */
  detect(
    pyramid: readonly Tensor[],
    proposals: readonly Float32Array[],
    imageSizes: readonly (readonly [height: number, width: number])[],
    config: DetectionConfig,
  ): DetectionsOfProposals[] {
    const images = this.#numbers(this.#forwardInParts(pyramid, proposals), proposals);
    return images.map((image, n) => detectionsOf(image, this.#classes, imageSizes[n], config));
  }

  /** Multiplies the odds p / (1 − p) of a cell by `factor` in all that is detected from now on. One class keeps its ranking. */
  scaleOdds(factor: number): void {
    const { bias } = this.box_predictor.cls_score;
    const shift = Float32Array.from({ length: this.#classes }, (_, c) => (c === 0 ? -Math.log(factor) : 0));
    noGrad(() => scope(() => void bias.add_(Tensor.from(shift, undefined, { device: bias.device }))));
  }

  /** As `forward`, without gradients, and some RoIs at a time, so that memory does not grow with their number. */
  #forwardInParts(pyramid: readonly Tensor[], proposals: readonly Float32Array[]): RoiOutput {
    const levels = pyramid.slice(0, scales.length);
    const [boxes, images] = [joined(proposals), imagesOf(proposals)];
    const rows = pyramidRows(levels);
    const head = this.box_head.channelsLast(levels[0].dtype);
    const parts: [Tensor, Tensor][] = [];
    for (let from = 0; from === 0 || from < images.length; from += MOST_AT_ONCE)
      parts.push(
        scope(() => {
          const to = from + MOST_AT_ONCE;
          const options = { size: bins, scales, merged: true };
          const values = pooled(rows, boxes.subarray(4 * from, 4 * to), images.subarray(from, to), options);
          return this.box_predictor.forward(head(values.to(levels[0].dtype).reshape(-1, roiValues)));
        }),
      );
    if (parts.length === 1) return { logits: parts[0][0], codes: parts[0][1] };
    return { logits: cat(parts.map(([logits]) => logits)), codes: cat(parts.map(([, codes]) => codes)) };
  }

  /** An output as plain numbers, image by image. */
  #numbers(
    { logits, codes }: RoiOutput,
    proposals: readonly Float32Array[],
  ): { proposals: Float32Array; probabilities: Float32Array; codes: Float32Array }[] {
    const counts = proposals.map((boxes) => boxes.length / 4);
    const probabilities = noGrad(() => softmax(logits, 1).data() as Float32Array);
    const probabilitiesOf = perImage(probabilities, counts, this.#classes);
    const codesOf = perImage(codes.detach().data() as Float32Array, counts, 4 * this.#classes);
    return proposals.map((boxes, n) => ({ proposals: boxes, probabilities: probabilitiesOf[n], codes: codesOf[n] }));
  }

  /** Where the network moves the boxes [R_n, 4] of each image, without gradient: those of each one's most probable foreground class. */
  #regressed(output: RoiOutput, proposals: readonly Float32Array[]): { probabilities: Float32Array; boxes: Float32Array }[] {
    return this.#numbers(output, proposals).map(({ proposals, probabilities, codes }) => {
      const boxes = decode(bestForeground(codes, probabilities, this.#classes), proposals, roiWeights);
      return { probabilities, boxes };
    });
  }

  /** A second pass over all that the RoIs were drawn from. */
  #regressAll(pyramid: readonly Tensor[], samples: readonly SampledRois[]): AllProposals[] {
    const candidates = samples.map((image) => image.candidates);
    const regressed = scope(() =>
      this.#regressed(
        noGrad(() => this.forward(pyramid, candidates)),
        candidates,
      ),
    );
    return regressed.map(({ boxes }, n) => ({ boxes, proposals: candidates[n], rows: samples[n].rows }));
  }
}

/** Of the RoIs of each image [R_n, 4], which image it is: [R]. */
const imagesOf = (boxes: readonly Float32Array[]): Int32Array =>
  Int32Array.from(boxes.flatMap((rows, n) => new Array<number>(rows.length / 4).fill(n)));

/** Of codes [R, C, 4] those of each RoI's most probable foreground class → [R, 4]. */
function bestForeground(codes: Float32Array, probabilities: Float32Array, classes: number): Float32Array {
  const rows = Int32Array.from({ length: probabilities.length / classes }, (_, r) => {
    let best = 1;
    for (let c = 2; c < classes; c++) if (probabilities[r * classes + c] > probabilities[r * classes + best]) best = c;
    return r * classes + best;
  });
  return rowsAt(codes, rows);
}
