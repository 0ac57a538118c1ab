// The candidates of one image (anchors or proposals) that take part in a loss: matched with the annotated cells, ignored places
// left out, a balanced sample drawn, its boxes coded. The same for both stages.

import { type CodeWeights, encode } from "../geometry/box-codec.ts";
import { distanceToBoxes } from "../geometry/distance-to-boxes.ts";
import { rowsAt } from "../geometry/rows.ts";
import type { Random } from "../random.ts";
import { type KnownCells, labelCertainty } from "./known-cells.ts";
import { between, type Matches } from "./matcher.ts";
import { sample } from "./sampler.ts";

/** K sampled candidates; those on a cell come first. */
export interface SampledCandidates {
  /** [K, 4] in pixels of the input. */
  readonly boxes: Float32Array;
  /** [K]: the class of the annotated cell that it was matched with; 0 for background. */
  readonly labels: Int32Array;
  /** [K, 4]: the matched cells' boxes, coded; 0 for background. */
  readonly codes: Float32Array;
  /** [K]: the largest IoU with an annotated cell. */
  readonly overlaps: Float32Array;
  /** [K]: to the nearest annotated cell, in sides of its box. */
  readonly distances: Float32Array;
  /** [K]: 1 where the label is known to be true, so that no calibration is asked. */
  readonly certain: Uint8Array;
  /** [K]: how many candidates of its kind (on a cell or not) each stands for: all there were, over those sampled. */
  readonly standsFor: Float32Array;
  /** [K]: which of the candidates they are. */
  readonly rows: Int32Array;
}

export interface SamplingOptions {
  /** At most so many; of these at most `positiveFraction` on cells. */
  readonly batchSizePerImage: number;
  readonly positiveFraction: number;
  readonly codeWeights: CodeWeights;
}

/**
 * A sample of `candidates` [N, 4], which `matched` has matched with the known cells. `labels` [G]: the class that stands for each
 * known cell.
 */
export function sampleCandidates(
  candidates: Float32Array,
  { matches, overlaps }: Matches,
  { known, labels }: { readonly known: KnownCells; readonly labels: Int32Array },
  { batchSizePerImage, positiveFraction, codeWeights }: SamplingOptions,
  random: Random,
): SampledCandidates {
  const judged = known.regions
    ? matches.map((match, k) => (labelCertainty(known, candidates, k) === "ignored" ? between : match))
    : matches;
  const { positive, negative, from } = sample(judged, { count: batchSizePerImage, positiveFraction }, random);
  const rows = Int32Array.from([...positive, ...negative]);
  const boxes = rowsAt(candidates, rows);
  const cells = Int32Array.from(positive, (k) => matches[k]);
  const codes = new Float32Array(boxes.length);
  codes.set(encode(rowsAt(known.boxes, cells), boxes.subarray(0, 4 * positive.length), codeWeights));
  return {
    boxes,
    labels: rows.map((_, i) => (i < positive.length ? labels[cells[i]] : 0)),
    codes,
    overlaps: Float32Array.from(rows, (k) => overlaps[k]),
    distances: Float32Array.from(rows, (_, i) => distanceToBoxes(boxes.subarray(4 * i, 4 * i + 4), known.boxes)),
    certain: Uint8Array.from(rows, (_, i) => (labelCertainty(known, boxes, i) === "certain" ? 1 : 0)),
    standsFor: Float32Array.from(rows, (_, i) =>
      i < positive.length ? from.positives / positive.length : from.negatives / negative.length,
    ),
    rows,
  };
}
