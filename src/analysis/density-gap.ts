// The hypothesis behind BDE, measured while a detector learns (Li et al. 2021, Figure 2): do the second stage's boxes crowd
// around cells that nobody marked, as they do around marked ones, and not on the background? The sampled RoIs of a few training
// images are grouped by what they really lie on; training itself never learns of hidden annotations.

import { noGrad, scope } from "@sparsecell/torch";
import { cellsOf, type Dataset, imagesOf } from "../data/dataset.ts";
import { readDatasetImage } from "../data/dataset-image.ts";
import { asTrained } from "../detect/view.ts";
import type { CalibratedImage } from "../detector/calibrated.ts";
import type { Detector } from "../detector/detector.ts";
import { type KnownCells, resizeKnownCells } from "../detector/known-cells.ts";
import { matchProposals } from "../detector/matcher.ts";
import { networkSize, rescale, type Size } from "../detector/transform.ts";
import { fromBoxes } from "../geometry/rows.ts";
import { boxCenters, boxesEnergy } from "../methods/boxes-density.ts";
import type { Calibration } from "../methods/calibration.ts";
import { Random } from "../random.ts";
import { knownCells } from "../train/known-cells.ts";

const kinds = ["annotated", "hidden", "background"] as const;
type Kind = (typeof kinds)[number];

/** Means over RoIs of one kind; null without any. */
export interface DensityGroup {
  readonly rois: number;
  /** Boxes Energy, Eq. (8). */
  readonly energy: number | null;
  /** The weight that the calibration gave to their classification loss. */
  readonly weight: number | null;
  /** Probability of being a cell. */
  readonly score: number | null;
}

export interface DensityGap {
  readonly step: number;
  readonly groups: { readonly [kind in Kind]: DensityGroup };
}

export interface DensityGapOptions {
  readonly dataset: Dataset;
  readonly calibration: Calibration;
  /** Number of training images, from the first on; default 4. */
  readonly images?: number;
  /** Seed of the sampling of RoIs: equal proposals give equal RoIs at every step. */
  readonly seed: number;
}

/**
 * What the RoIs of the detector lie on, at `progress` (0 … 1) of its training. An RoI that matched an annotation is
 * `annotated`. Of the others, those with IoU ≥ 0.5 with a hidden cell are `hidden` and those with IoU < 0.1 with every cell are
 * `background`; the rest, on the rim of a cell, is left out.
 */
export async function densityGap(
  detector: Detector,
  { dataset, calibration, images = 4, seed }: DensityGapOptions,
  { step, progress }: { step: number; progress: number },
): Promise<DensityGap> {
  const visible = knownCells(dataset);
  const sums = { annotated: noSums(), hidden: noSums(), background: noSums() };
  for (const image of imagesOf(dataset, "train").slice(0, images)) {
    const { input } = detector.config;
    const pixels = asTrained(input, await readDatasetImage(dataset.dir, image), image);
    const cells = fromBoxes(cellsOf(dataset).flatMap(({ imageId, box }) => (imageId === image.id ? [box] : [])));
    const own: Size = [image.height, image.width];
    const seen: Size = [pixels.height, pixels.width];
    const size = networkSize(seen, input);
    const random = new Random(seed, image.id);
    const options = { calibration, progress, random: () => random };
    const rois = noGrad(() =>
      scope(
        () => detector.trainingPass([pixels], [resizeKnownCells(visible.get(image.id) as KnownCells, own, seen)], options).rois,
      ),
    );
    add(sums, rois[0], rescale(cells, own, size));
  }
  const group = ({ rois, energy, weight, score }: Sums): DensityGroup => {
    const mean = (sum: number): number | null => (rois === 0 ? null : sum / rois);
    return { rois, energy: mean(energy), weight: mean(weight), score: mean(score) };
  };
  return {
    step,
    groups: { annotated: group(sums.annotated), hidden: group(sums.hidden), background: group(sums.background) },
  };
}

interface Sums {
  rois: number;
  energy: number;
  weight: number;
  score: number;
}
const noSums = (): Sums => ({ rois: 0, energy: 0, weight: 0, score: 0 });

function add(sums: { readonly [kind in Kind]: Sums }, { rois, calibrated }: CalibratedImage, cells: Float32Array): void {
  const energy = boxesEnergy(boxCenters(rois.boxes));
  const { overlaps } = matchProposals(rois.proposals, cells, 0.5);
  const classes = rois.probabilities.length / Math.max(1, rois.labels.length);
  rois.labels.forEach((label, r) => {
    const kind = label > 0 ? "annotated" : overlaps[r] >= 0.5 ? "hidden" : overlaps[r] < 0.1 ? "background" : null;
    if (kind === null) return;
    sums[kind].rois++;
    sums[kind].energy += energy[r];
    sums[kind].weight += calibrated.classWeight[r];
    sums[kind].score += 1 - rois.probabilities[r * classes];
  });
}
