// The first stage (Ren et al. 2015): at every position of every level, for every anchor there, is it a cell, and how do
// its sides move. N images; level l has A_l anchors, A in all; codes are those of box-codec.ts.

import { Conv2d, cat, type Generator, init, Module, relu_, scope, Tensor } from "@sparsecell/torch";
import { clipBoxes, decode, encode, rpnWeights } from "../geometry/box-codec.ts";
import { nms } from "../geometry/nms.ts";
import { joined, rowsAt } from "../geometry/rows.ts";
import type { Calibration, LossOptions, Moment } from "../methods/calibration.ts";
import { pyramidChannels, pyramidLevels } from "../network/fpn.ts";
import type { RpnConfig } from "../settings/detector-config.ts";
import type { AnchorGrid } from "./anchors.ts";
import { DivergedError } from "./diverged-error.ts";
import { between, matchAnchors } from "./matcher.ts";
import { type RpnLoss, rpnLoss } from "./rpn-loss.ts";
import { sample } from "./sampler.ts";
import { judgement, type Truths } from "./truths.ts";

/** Proposals narrower than this many pixels are dropped. */
const minSize = 1e-3;

class RpnHead extends Module {
  readonly conv: [[Conv2d]]; // `conv.0.0.weight` in the state dict
  readonly cls_logits: Conv2d;
  readonly bbox_pred: Conv2d;

  constructor(anchorsPerCell: number, generator: Generator) {
    super();
    const options = { inChannels: pyramidChannels, init: init.normal(0.01), generator };
    this.conv = [[new Conv2d({ ...options, outChannels: pyramidChannels, kernel: 3, padding: 1 })]];
    this.cls_logits = new Conv2d({ ...options, outChannels: anchorsPerCell, kernel: 1 });
    this.bbox_pred = new Conv2d({ ...options, outChannels: 4 * anchorsPerCell, kernel: 1 });
  }

  /** level [N, 256, H, W] → logits [N, A_l], codes [N, A_l, 4], in float32 */
  forward(level: Tensor): [logits: Tensor, codes: Tensor] {
    const x = relu_(this.conv[0][0].forward(level));
    const n = level.shape[0];
    const flat = (maps: Tensor, last: number[]): Tensor =>
      maps
        .to("float32")
        .permute(0, 2, 3, 1)
        .reshape(n, -1, ...last);
    return [flat(this.cls_logits.forward(x), []), flat(this.bbox_pred.forward(x), [4])];
  }
}

export interface RpnOutput {
  /** Per level [N, A_l]. */
  readonly logits: readonly Tensor[];
  /** Per level [N, A_l, 4]. */
  readonly codes: readonly Tensor[];
}

export interface Proposals {
  /** [P, 4] in pixels of the input, best first. */
  readonly boxes: Float32Array;
  /** [P], 0 … 1: how sure the first stage is of a cell. */
  readonly objectness: Float32Array;
  /** Whether there were more than the settings let through. */
  readonly capped: boolean;
}

export class Rpn extends Module {
  /** One for all levels, or one each. */
  readonly head: RpnHead | RpnHead[];
  readonly #config: RpnConfig;

  constructor(config: RpnConfig, anchorsPerCell: number, generator: Generator) {
    super();
    const head = (): RpnHead => new RpnHead(anchorsPerCell, generator);
    this.head = config.heads === "shared" ? head() : Array.from({ length: pyramidLevels }, head);
    this.#config = config;
  }

  forward(levels: readonly Tensor[]): RpnOutput {
    const outputs = levels.map((level, i) => scope(() => (Array.isArray(this.head) ? this.head[i] : this.head).forward(level)));
    return { logits: outputs.map(([logits]) => logits), codes: outputs.map(([, codes]) => codes) };
  }

  /** The best boxes of image `n`, from `output` without its gradient. `phase` chooses the limits. */
  proposals(
    output: RpnOutput,
    grid: AnchorGrid,
    n: number,
    imageSize: readonly [number, number],
    phase: "train" | "test",
  ): Proposals {
    const { preNmsTopN, postNmsTopN, nmsThreshold } = this.#config;
    const found = grid.levels.map(({ start }, l) => {
      const logits = output.logits[l].select(0, n).detach();
      const [values, indices] = logits.topk(Math.min(preNmsTopN[phase], logits.shape[0]));
      const codes = output.codes[l].select(0, n).detach().indexSelect(0, indices).data() as Float32Array;
      const anchors = rowsAt(
        grid.boxes,
        Int32Array.from(indices.numbers(), (index) => start + index),
      );
      const boxes = decode(codes, anchors, rpnWeights);
      clipBoxes(boxes, imageSize);
      return { boxes, scores: values.data() as Float32Array };
    });
    const boxes = joined(found.map((level) => level.boxes));
    const scores = joined(found.map((level) => level.scores));
    const levelOf = Int32Array.from(found.flatMap((level, l) => Array.from(level.scores, () => l)));
    const wide = Int32Array.from(levelOf.keys()).filter(
      (k) => boxes[4 * k + 2] - boxes[4 * k] >= minSize && boxes[4 * k + 3] - boxes[4 * k + 1] >= minSize,
    );
    const candidates = rowsAt(boxes, wide);
    const kept = nms(
      candidates,
      Float32Array.from(wide, (k) => scores[k]),
      nmsThreshold,
      wide.map((k) => levelOf[k]),
    );
    const best = Int32Array.from(kept.slice(0, postNmsTopN[phase]));
    return {
      boxes: rowsAt(candidates, best),
      objectness: Float32Array.from(best, (k) => 1 / (1 + Math.exp(-scores[wide[k]]))),
      capped: kept.length > best.length,
    };
  }

  /** The loss on a sample of the anchors of every image; truths: what is known of each image, in pixels of the input. */
  loss(output: RpnOutput, grid: AnchorGrid, truths: readonly Truths[], { calibration, progress, random }: LossOptions): RpnLoss {
    const { batchSizePerImage: count, positiveFraction } = this.#config;
    const positives: number[] = []; // indices into [N · A]
    const negatives: number[] = [];
    const targets: Float32Array[] = [];
    const total = grid.boxes.length / 4;
    truths.forEach((truth, n) => {
      const { boxes } = truth;
      const matches = matchAnchors(grid, boxes, this.#config);
      if (truth.regions) leaveOutIgnored(matches, grid, truth);
      const { positive, negative } = sample(matches, { count, positiveFraction }, random);
      positives.push(...positive.map((a) => n * total + a));
      negatives.push(...negative.map((a) => n * total + a));
      targets.push(
        encode(
          rowsAt(
            boxes,
            Int32Array.from(positive, (a) => matches[a]),
          ),
          rowsAt(grid.boxes, Int32Array.from(positive)),
          rpnWeights,
        ),
      );
    });
    const device = output.logits[0].device;
    const index = (values: number[]): Tensor => Tensor.from(Int32Array.from(values), undefined, { device });
    const sampled = [...positives, ...negatives];
    const labels = Float32Array.from(sampled, (_, i) => (i < positives.length ? 1 : 0));
    const codes = cat(output.codes, 1).reshape(-1, 4);
    const weights = calibration.calibrateAnchors
      ? calibrateAnchors(calibration.calibrateAnchors, { progress, random })
      : undefined;
    return rpnLoss(
      {
        logits: cat(output.logits, 1).reshape(-1).indexSelect(0, index(sampled)),
        labels,
        weights,
        codes: codes.indexSelect(0, index(positives)),
        targets: joined(targets),
      },
      this.#config.smoothL1Beta,
    );

    /** Asks the calibration, one image after another. */
    function calibrateAnchors(ask: NonNullable<Calibration["calibrateAnchors"]>, moment: Moment): Float32Array {
      const found = codes.detach().indexSelect(0, index(sampled)).data() as Float32Array;
      const result = new Float32Array(sampled.length);
      truths.forEach((truth, n) => {
        const own = Int32Array.from(sampled.keys()).filter((i) => Math.floor(sampled[i] / total) === n);
        const anchors = rowsAt(
          grid.boxes,
          own.map((i) => sampled[i] % total),
        );
        const boxes = decode(rowsAt(found, own), anchors, rpnWeights);
        if (!boxes.every(Number.isFinite)) throw new DivergedError("the first stage's boxes are not finite");
        const answer = ask({ labels: Float32Array.from(own, (i) => labels[i]), boxes, anchors }, moment);
        own.forEach((i, k) => {
          result[i] = judgement(truth, anchors, k) === "certain" ? 1 : answer[k];
        });
      });
      return result;
    }
  }
}

/** Anchors in ignored regions take part in no loss. */
function leaveOutIgnored(matches: Int32Array, grid: AnchorGrid, truth: Truths): void {
  for (let a = 0; a < matches.length; a++) if (judgement(truth, grid.boxes, a) === "ignored") matches[a] = between;
}
