// From the second stage's numbers to the cells of one image. Plain numbers: R proposals, C classes, 0 = background.

import { clipBoxes, decode, roiWeights } from "../geometry/box-codec.ts";
import { nms } from "../geometry/nms.ts";
import { rowsAt } from "../geometry/rows.ts";
import type { DetectionConfig } from "../settings/detector.ts";

/** Detections narrower than this many pixels are dropped. */
export const minDetection = 1e-2;

/** The cells of one image: D boxes in pixels. */
export interface Detections {
  /** [D, 4], best first. */
  readonly boxes: Float32Array;
  /** [D], 0 … 1 */
  readonly scores: Float32Array;
  /** [D], 1 … C − 1 */
  readonly labels: Int32Array;
  /** Whether `maxDetections` left some out. */
  readonly capped: boolean;
}

/** With the rows [D] of the proposals that they come from. */
export interface DetectionsOfProposals extends Detections {
  readonly rows: Int32Array;
}

export interface SecondStageNumbers {
  /** [R, 4] in pixels of the input. */
  readonly proposals: Float32Array;
  /** [R, C] */
  readonly probabilities: Float32Array;
  /** [R, C, 4] */
  readonly codes: Float32Array;
}

/** Boxes in pixels of the input, cut to the image, suppressed within their class. */
export function detectionsOf(
  { proposals, probabilities, codes }: SecondStageNumbers,
  classes: number,
  imageSize: readonly [height: number, width: number],
  config: DetectionConfig,
): DetectionsOfProposals {
  const threshold = Math.fround(config.scoreThreshold); // a score of exactly the threshold is not above it
  const all = decode(codes, proposals, roiWeights);
  clipBoxes(all, imageSize);
  const wanted = Int32Array.from(probabilities.keys()).filter(
    (k) =>
      k % classes > 0 &&
      probabilities[k] > threshold &&
      all[4 * k + 2] - all[4 * k] >= minDetection &&
      all[4 * k + 3] - all[4 * k + 1] >= minDetection,
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
    rows: best.map((k) => Math.floor(wanted[k] / classes)),
    capped: best.length < kept.length,
  };
}
