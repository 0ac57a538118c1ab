// The second stage: what is in each RoI, and where exactly. Two fully connected layers on 7×7 bins, then class logits and
// box codes for every class (Girshick, ICCV 2015, https://arxiv.org/abs/1504.08083). R RoIs, C classes, 0 = background.

import { type Generator, init, Linear, Module, noGrad, relu_, scope, softmax, Tensor } from "@sparsecell/torch";
import { clipBoxes, decode, encode, roiWeights } from "../geometry/box-codec.ts";
import { nms } from "../geometry/nms.ts";
import { joined, rowsAt } from "../geometry/rows.ts";
import { type AllProposals, type LossOptions, oneHot, type Rois, type Targets } from "../methods/calibration.ts";
import { pyramidChannels } from "../network/fpn.ts";
import { roiAlign } from "../network/roi-align.ts";
import type { Random } from "../random.ts";
import type { DetectionConfig, RoiConfig } from "../settings/detector-config.ts";
import { DivergedError } from "./diverged-error.ts";
import { between, matchProposals } from "./matcher.ts";
import { type RoiLoss, roiLoss } from "./roi-loss.ts";
import type { Proposals } from "./rpn.ts";
import { sample } from "./sampler.ts";
import { judgement, type Truths } from "./truths.ts";

const bins = 7;
/** Values of a pooled RoI: what the first layer of the head takes. */
export const roiValues = pyramidChannels * bins * bins;
const scales = [1 / 4, 1 / 8, 1 / 16, 1 / 32]; // P2 … P5; P6 serves the first stage only
/** Detections narrower than this many pixels are dropped. */
const minSize = 1e-2;

class BoxHead extends Module {
  readonly fc6: Linear;
  readonly fc7: Linear;

  constructor(size: number, generator: Generator) {
    super();
    this.fc6 = new Linear({ inFeatures: roiValues, outFeatures: size, generator });
    this.fc7 = new Linear({ inFeatures: size, outFeatures: size, generator });
  }
}

class BoxPredictor extends Module {
  readonly cls_score: Linear;
  readonly bbox_pred: Linear;

  constructor(size: number, classes: number, generator: Generator) {
    super();
    this.cls_score = new Linear({ inFeatures: size, outFeatures: classes, init: init.normal(0.01), generator });
    this.bbox_pred = new Linear({ inFeatures: size, outFeatures: 4 * classes, init: init.normal(0.001), generator });
  }
}

/** The RoIs of one image that take part in the loss. */
export interface SampledRois {
  /** [R, 4] in pixels of the input. */
  readonly boxes: Float32Array;
  /** [R] */
  readonly labels: Int32Array;
  /** [R, 4]: the annotated boxes of the foreground ones, coded; 0 elsewhere. */
  readonly codes: Float32Array;
  /** [R]: as in `Rois`. */
  readonly overlaps: Float32Array;
  readonly objectness: Float32Array;
  /** [R]: 1 where the label is known to be true, so that no calibration is asked. */
  readonly certain: Uint8Array;
  /** [N, 4] and [R]: what they were drawn from, and which of it they are. */
  readonly candidates: Float32Array;
  readonly rows: Int32Array;
}

export interface Detections {
  /** [D, 4], best first. */
  readonly boxes: Float32Array;
  readonly scores: Float32Array;
  readonly labels: Int32Array;
  /** Whether `maxDetections` left some out. */
  readonly capped: boolean;
}

/** With what the first stage says of the image. */
export interface ImageDetections extends Detections {
  /** Whether the first stage had more proposals than its limit lets through. */
  readonly proposalsCapped: boolean;
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

  /** levels [P2 … P5], RoIs of each image [R_n, 4] → logits [R, C], codes [R, C, 4], in float32 */
  forward(levels: readonly Tensor[], boxes: readonly Float32Array[]): [logits: Tensor, codes: Tensor] {
    const images = Int32Array.from(boxes.flatMap((own, n) => new Array<number>(own.length / 4).fill(n)));
    const pooled = roiAlign(levels, joined(boxes), images, { size: bins, scales }); // [R, 49, 256]
    const flat = pooled
      .to(levels[0].dtype)
      .transpose(1, 2)
      .reshape(images.length, pyramidChannels * bins * bins); // channels first, as the weights expect
    const x = relu_(this.box_head.fc7.forward(relu_(this.box_head.fc6.forward(flat))));
    const logits = this.box_predictor.cls_score.forward(x).to("float32");
    const codes = this.box_predictor.bbox_pred.forward(x).to("float32");
    return [logits, codes.reshape(-1, this.#classes, 4)];
  }

  /** RoIs of one image for the loss: a sample of its proposals, matched with the annotated boxes. */
  sample(proposals: Omit<Proposals, "capped">, truths: Truths, random: Random): SampledRois {
    const { addGroundTruth, foregroundIou, batchSizePerImage: count, positiveFraction } = this.#config;
    const candidates = addGroundTruth ? joined([proposals.boxes, truths.boxes]) : proposals.boxes;
    const { matches, overlaps } = matchProposals(candidates, truths.boxes, foregroundIou);
    const judged = Array.from(matches, (_, k) => judgement(truths, candidates, k));
    judged.forEach((judgement, k) => {
      if (judgement === "ignored") matches[k] = between;
    });
    const { positive, negative } = sample(matches, { count, positiveFraction }, random);
    const chosen = Int32Array.from([...positive, ...negative]);
    const boxes = rowsAt(candidates, chosen);
    const codes = new Float32Array(boxes.length);
    codes.set(
      encode(
        rowsAt(
          truths.boxes,
          Int32Array.from(positive, (k) => matches[k]),
        ),
        boxes.subarray(0, 4 * positive.length),
        roiWeights,
      ),
    );
    return {
      boxes,
      labels: chosen.map((k, i) => (i < positive.length ? truths.labels[matches[k]] : 0)),
      codes,
      overlaps: Float32Array.from(chosen, (k) => overlaps[k]),
      objectness: Float32Array.from(chosen, (k) => proposals.objectness[k] ?? 1),
      certain: Uint8Array.from(chosen, (k) => (judged[k] === "certain" ? 1 : 0)),
      candidates,
      rows: chosen,
    };
  }

  /** The calibrated loss of the sampled RoIs of every image. */
  loss(levels: readonly Tensor[], sampled: readonly SampledRois[], options: LossOptions): RoiLoss {
    const [logits, codes] = this.forward(
      levels,
      sampled.map(({ boxes }) => boxes),
    );
    const targets = this.#calibrate([logits, codes], levels, sampled, options);
    const labels = sampled.flatMap((image) => Array.from(image.labels));
    const foreground = Int32Array.from(labels.keys()).filter((r) => labels[r] > 0);
    const own = Tensor.from(
      foreground.map((r) => r * this.#classes + labels[r]),
      undefined,
      { device: codes.device },
    );
    return roiLoss(
      {
        logits,
        codes: codes.reshape(-1, 4).indexSelect(0, own),
        codeTargets: rowsAt(joined(sampled.map((image) => image.codes)), foreground),
        foreground,
      },
      targets,
      this.#config.smoothL1Beta,
    );
  }

  /** Asks the calibration, one image after another. */
  #calibrate(
    [logits, codes]: readonly [Tensor, Tensor],
    levels: readonly Tensor[],
    sampled: readonly SampledRois[],
    { calibration, ...moment }: LossOptions,
  ): Targets {
    const boxes = this.#regressed(
      [logits, codes],
      sampled.map((own) => own.boxes),
    );
    const all = calibration.needsAllProposals ? this.#regressAll(levels, sampled) : null;
    const answers = sampled.map((own, n) => {
      const { labels, overlaps, objectness, boxes: proposals } = own;
      const rois: Rois = { labels, ...boxes[n], proposals, overlaps, objectness, all: all?.[n] };
      return certainAsTheyAre(calibration.calibrate(rois, moment), rois, own.certain);
    });
    return {
      targets: joined(answers.map((answer) => answer.targets)),
      clsWeight: joined(answers.map((answer) => answer.clsWeight)),
      boxWeight: joined(answers.map((answer) => answer.boxWeight)),
    };
  }

  /** Where the network moves the boxes [R_n, 4] of each image, without gradient: those of each one's most probable foreground class. */
  #regressed(
    [logits, codes]: readonly [Tensor, Tensor],
    proposals: readonly Float32Array[],
  ): { probabilities: Float32Array; boxes: Float32Array }[] {
    const classes = this.#classes;
    const all = noGrad(() => softmax(logits, 1).data() as Float32Array);
    const allCodes = codes.detach().data() as Float32Array;
    let start = 0;
    return proposals.map((own) => {
      const end = start + own.length / 4;
      const probabilities = all.subarray(start * classes, end * classes);
      const best = bestForeground(allCodes.subarray(start * classes * 4, end * classes * 4), probabilities, classes);
      const boxes = decode(best, own, roiWeights);
      if (!boxes.every(Number.isFinite) || !probabilities.every(Number.isFinite))
        throw new DivergedError("the second stage's boxes or scores are not finite");
      start = end;
      return { probabilities, boxes };
    });
  }

  /** A second pass over all that the RoIs were drawn from. */
  #regressAll(levels: readonly Tensor[], sampled: readonly SampledRois[]): AllProposals[] {
    const candidates = sampled.map((own) => own.candidates);
    const found = scope(() => {
      const output = noGrad(() => this.forward(levels, candidates));
      return this.#regressed(output, candidates);
    });
    return found.map(({ boxes }, n) => ({ boxes, proposals: candidates[n], rows: sampled[n].rows }));
  }

  /** What is in one image: `probabilities` [R, C] and `codes` [R, C, 4] of its proposals [R, 4], to boxes of the input. */
  detections(
    probabilities: Float32Array,
    codes: Float32Array,
    proposals: Float32Array,
    imageSize: readonly [number, number],
    config: DetectionConfig,
  ): Detections {
    const classes = this.#classes;
    const threshold = Math.fround(config.scoreThreshold); // a score of exactly the threshold is not above it
    const all = decode(codes, proposals, roiWeights);
    clipBoxes(all, imageSize);
    const wanted = Int32Array.from(probabilities.keys()).filter(
      (k) =>
        k % classes > 0 &&
        probabilities[k] > threshold &&
        all[4 * k + 2] - all[4 * k] >= minSize &&
        all[4 * k + 3] - all[4 * k + 1] >= minSize,
    );
    const boxes = rowsAt(all, wanted);
    const scores = Float32Array.from(wanted, (k) => probabilities[k]);
    const labels = wanted.map((k) => k % classes);
    const kept = nms(boxes, scores, config.nmsThreshold, labels);
    const best = Int32Array.from(kept.slice(0, config.maxDetections ?? kept.length));
    return {
      boxes: rowsAt(boxes, best),
      scores: Float32Array.from(best, (k) => scores[k]),
      labels: best.map((k) => labels[k]),
      capped: best.length < kept.length,
    };
  }
}

/** Where a label is certain the loss is the plain one. */
function certainAsTheyAre({ targets, clsWeight, boxWeight }: Targets, rois: Rois, certain: Uint8Array): Targets {
  if (!certain.includes(1)) return { targets, clsWeight, boxWeight };
  const plain = oneHot(rois);
  const classes = plain.length / certain.length;
  const one = (weights: Float32Array): Float32Array => weights.map((weight, r) => (certain[r] ? 1 : weight));
  return {
    targets: targets.map((value, i) => (certain[Math.floor(i / classes)] ? plain[i] : value)),
    clsWeight: one(clsWeight),
    boxWeight: one(boxWeight),
  };
}

/** Of codes [R, C, 4] those of each RoI's most probable foreground class → [R, 4]. */
function bestForeground(codes: Float32Array, probabilities: Float32Array, classes: number): Float32Array {
  const rows = Int32Array.from({ length: probabilities.length / classes }, (_, r) => {
    let best = 1;
    for (let c = 2; c < classes; c++) if (probabilities[r * classes + c] > probabilities[r * classes + best]) best = c;
    return r * classes + best;
  });
  return rowsAt(codes, rows);
}
