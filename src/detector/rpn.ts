// The first stage (Ren et al. 2015): at every position of every level, for every anchor there, is it a cell, and how do its sides
// move. N images; level l has A_l anchors, A in all; codes are those of box-codec.ts. Its verbs, in the order of a training step:
// forward, proposals, sample, calibrate, loss.

import { cat, type Generator, Module, noGrad, scope, Tensor } from "@sparsecell/torch";
import { clipBoxes, decode, rpnWeights } from "../geometry/box-codec.ts";
import { BAND } from "../geometry/merge-windows.ts";
import { nms } from "../geometry/nms.ts";
import { boxAt, joined, perImage, rowsAt } from "../geometry/rows.ts";
import type { Core } from "../geometry/windows.ts";
import { sigmoid } from "../logistic.ts";
import type { Calibration, StepContext } from "../methods/calibration.ts";
import { pyramidLevels } from "../network/fpn.ts";
import { RpnHead } from "../network/rpn-head.ts";
import type { Random } from "../random.ts";
import type { RpnConfig } from "../settings/detector.ts";
import type { AnchorGrid } from "./anchors.ts";
import { askCalibration, type CalibratedImage, joinCalibrated } from "./calibrated.ts";
import { type SampledCandidates, sampleCandidates } from "./candidates.ts";
import type { KnownCells } from "./known-cells.ts";
import { matchAnchors } from "./matcher.ts";
import { type RpnLoss, rpnLoss } from "./rpn-loss.ts";

/** Proposals narrower than this many pixels are dropped. */
export const minProposal = 1e-3;

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

  /**
   * The best boxes of image `n`, from `output` without its gradient. `phase` chooses the limits, which are for `windows` training
   * windows: what a place gives must not depend on how much is seen with it.
   */
  proposals(
    output: RpnOutput,
    anchors: AnchorGrid,
    n: number,
    imageSize: readonly [number, number],
    phase: "train" | "test",
    windows = 1,
  ): Proposals {
    const { preNmsTopN, postNmsTopN, nmsThreshold, scoreThreshold } = this.#config;
    const [decoded, most] = [preNmsTopN, postNmsTopN].map((limit) => Math.ceil(limit[phase] * windows));
    const leastLogit = phase === "test" && scoreThreshold > 0 ? Math.log(scoreThreshold / (1 - scoreThreshold)) : -Infinity;
    let capped = false;
    const best = anchors.levels.map(({ start }, l) => {
      const logits = output.logits[l].select(0, n).detach();
      const [sorted, order] = logits.topk(Math.min(decoded, logits.shape[0]));
      const above = countAtLeast(sorted.data() as Float32Array, leastLogit);
      if (leastLogit > -Infinity && above === decoded) capped = true;
      const [values, indices] = [sorted.slice(0, 0, above), order.slice(0, 0, above)];
      const codes = output.codes[l].select(0, n).detach().indexSelect(0, indices).data() as Float32Array;
      const references = rowsAt(
        anchors.boxes,
        Int32Array.from(indices.numbers(), (index) => start + index),
      );
      const boxes = decode(codes, references, rpnWeights);
      clipBoxes(boxes, imageSize);
      return { boxes, scores: values.data() as Float32Array };
    });
    const boxes = joined(best.map((level) => level.boxes));
    const scores = joined(best.map((level) => level.scores));
    const levelOf = Int32Array.from(best.flatMap((level, l) => Array.from(level.scores, () => l)));
    const wide = Int32Array.from(levelOf.keys()).filter(
      (k) => boxes[4 * k + 2] - boxes[4 * k] >= minProposal && boxes[4 * k + 3] - boxes[4 * k + 1] >= minProposal,
    );
    const candidates = rowsAt(boxes, wide);
    const kept = nms(
      candidates,
      Float32Array.from(wide, (k) => scores[k]),
      nmsThreshold,
      wide.map((k) => levelOf[k]),
    );
    const passed = Int32Array.from(kept.slice(0, most));
    return {
      boxes: rowsAt(candidates, passed),
      objectness: Float32Array.from(passed, (k) => sigmoid(scores[wide[k]])),
      capped: capped || kept.length > passed.length,
    };
  }

  /** The anchors of one image that take part in the loss. `known` in pixels of the input. Labels are 1 for a cell of any class. */
  sample(anchors: AnchorGrid, known: KnownCells, random: Random): SampledCandidates {
    const labels = new Int32Array(known.boxes.length / 4).fill(1);
    const matched = matchAnchors(anchors, known.boxes, this.#config);
    return sampleCandidates(anchors.boxes, matched, { known, labels }, { ...this.#config, codeWeights: rpnWeights }, random);
  }

  /** What the calibration says of the sampled anchors of every image; null for one that leaves the first stage alone. */
  calibrate(
    output: RpnOutput,
    samples: readonly SampledCandidates[],
    { calibrateAnchors }: Calibration,
    contexts: readonly StepContext[],
  ): CalibratedImage[] | null {
    if (!calibrateAnchors) return null;
    const places = placesOf(samples);
    const [logits, codes] = noGrad(() => [gather(output.logits, places), gather(output.codes, places)]);
    const counts = samples.map(({ rows }) => rows.length);
    const logitsOf = perImage(logits.data() as Float32Array, counts, 1);
    const codesOf = perImage(codes.data() as Float32Array, counts, 4);
    const questions = samples.map(({ boxes: proposals, labels, overlaps, distances, certain, standsFor }, n) => {
      const objectness = logitsOf[n].map(sigmoid);
      const probabilities = Float32Array.from({ length: 2 * objectness.length }, (_, i) =>
        i % 2 === 0 ? sigmoid(-logitsOf[n][i >> 1]) : objectness[i >> 1],
      );
      const boxes = decode(codesOf[n], proposals, rpnWeights);
      const rois = { labels, probabilities, boxes, proposals, overlaps, distances, objectness, certain, standsFor };
      return { rois, context: contexts[n] };
    });
    return askCalibration(calibrateAnchors, questions, "first");
  }

  /** The loss on the sampled anchors of every image, with what a calibration says of them, if it says anything. */
  loss(output: RpnOutput, samples: readonly SampledCandidates[], calibrated: readonly CalibratedImage[] | null): RpnLoss {
    const places = placesOf(samples);
    const labels = samples.flatMap((image) => Array.from(image.labels));
    const cells = Int32Array.from(labels.keys()).filter((k) => labels[k] > 0);
    const said = calibrated && joinCalibrated(calibrated);
    return rpnLoss(
      {
        logits: gather(output.logits, places),
        codes: gather(
          output.codes,
          Array.from(cells, (k) => places[k]),
        ),
        codeTargets: rowsAt(joined(samples.map((image) => image.codes)), cells),
      },
      said
        ? {
            cell: said.classWeight.map((_, k) => said.distribution[2 * k + 1]),
            classWeight: said.classWeight,
            boxWeight: Float32Array.from(cells, (k) => said.boxWeight[k]),
          }
        : { cell: Float32Array.from(labels) },
      this.#config.smoothL1Beta,
    );
  }
}

/** The least reach of a proposal, in pixels. */
const LEAST_REACH = 16;

/**
 * The proposals that the second stage can make a cell of the core, or one that suppresses such a cell: from a proposal's centre to
 * the core (and the band around it) it is at most as far as the proposal is long.
 */
export function proposalsNear({ boxes, objectness, capped }: Proposals, [left, top, right, bottom]: Core): Proposals {
  const near = Int32Array.from(objectness.keys()).filter((k) => {
    const [x1, y1, x2, y2] = boxAt(boxes, k);
    const [x, y] = [(x1 + x2) / 2, (y1 + y2) / 2];
    const reach = BAND + Math.max(LEAST_REACH, x2 - x1, y2 - y1);
    return x >= left - reach && x <= right + reach && y >= top - reach && y <= bottom + reach;
  });
  return { boxes: rowsAt(boxes, near), objectness: Float32Array.from(near, (k) => objectness[k]), capped };
}

/** Of numbers from the greatest to the least. */
function countAtLeast(values: Float32Array, least: number): number {
  let count = values.length;
  while (count > 0 && values[count - 1] < least) count--;
  return count;
}

/** Image and index of an anchor. */
type AnchorPlace = readonly [image: number, anchor: number];

/** Those of all sampled anchors, one image after another. */
const placesOf = (samples: readonly SampledCandidates[]): AnchorPlace[] =>
  samples.flatMap(({ rows }, n) => Array.from(rows, (row): AnchorPlace => [n, row]));

/** Rows of an output, per level [N, A_l, …], at K places → [K, …]. */
function gather(levels: readonly Tensor[], places: readonly AnchorPlace[]): Tensor {
  const all = cat(levels, 1);
  const [, anchors, ...row] = all.shape;
  const index = Int32Array.from(places, ([n, anchor]) => n * anchors + anchor);
  return all.reshape(-1, ...row).indexSelect(0, Tensor.from(index, undefined, { device: all.device }));
}
