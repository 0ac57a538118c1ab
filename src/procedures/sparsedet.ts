// SparseDet (Suri et al., ICCV 2023, https://arxiv.org/abs/2201.04620; github.com/saksham-s/SparseDet, model.py): two views A and B
// of an image share their proposals. M of them, which the first stage takes for a cell and which overlap no annotated box, are
// probably unmarked cells: from some time on they have no label, but their features should agree on both views.
//   L = L_rpn(A) + (L_roi(A) + L_roi(B)) / 2 + weight · 1/(M D) Σ_m ‖f(A, m) − f(B, m)‖²
// f: the D features that the second stage predicts from; both sides have a gradient, as in their code. What the second stage is
// sure of on A (score > pseudo) is annotated on B: the paper's abstract argues against pseudo-labels, but the code has these.
//
// Where ours differs: their first stage sees the concatenated features of both views, so detection needs two views as well; ours
// sees A, and its proposals are moved to B, which is turned. Their views are augmented weakly and strongly, ours both alike. Theirs
// has no background loss on images without annotation; here they have it, as with all methods. The mask is that of
// src/methods/sparsedet-mask.ts.

import { scope, Tensor } from "@sparsecell/torch";
import type { CalibratedImage } from "../detector/calibrated.ts";
import type { Features, StageLoss } from "../detector/detector.ts";
import { type KnownCells, labelCertainty, resizeKnownCells } from "../detector/known-cells.ts";
import { matchProposals } from "../detector/matcher.ts";
import type { RoiLoss } from "../detector/roi-loss.ts";
import type { Proposals } from "../detector/rpn.ts";
import { rescale } from "../detector/transform.ts";
import { nms } from "../geometry/nms.ts";
import { rowsAt } from "../geometry/rows.ts";
import { classesOf } from "../methods/calibration.ts";
import { methodOf } from "../methods/method.ts";
import { isProbablyUnmarked, sparsedetMask } from "../methods/sparsedet-mask.ts";
import { number } from "../settings/setting.ts";
import { addedMeans, type Means, meansOver, sumsOf } from "./means.ts";
import type { Procedure, TrainingMethod, View } from "./procedure.ts";
import { movedTo, type PseudoCells, withFound } from "./pseudo-cells.ts";

/** IoU above which two probably unmarked cells are one, and above which what is found is an annotated cell. */
const [sameUnmarked, sameCell] = [0.3, 0.5];

const options = {
  ...sparsedetMask.options,
  weight: number(1, "weight of the consistency loss", [0]),
  pseudo: number(0.9, "score above which what is found on one view is annotated on the other", [0, 1]),
};

export const sparsedet = methodOf<typeof options, TrainingMethod>(
  {
    name: "sparsedet",
    label: "FPN + SparseDet",
    meaning: "probable unmarked cells have no label, but their features should agree on two views of the image",
    options,
  },
  ({ weight, pseudo, ...limits }) => {
    const calibration = sparsedetMask(limits);
    const procedure = (): Procedure => ({
      secondView: true,
      losses({ detector, batch, progress, random }) {
        const masked = { calibration, progress, random };
        const second = batch.second as View;
        const first = detector.firstStage(batch.images, "train");
        const rpn = detector.firstStageLoss(first, batch.known, masked);
        const roi = detector.secondStageLoss(first, batch.known, masked);

        // The second view: with what was found on the first, and with its proposals.
        const { sizes, originals } = first.batch;
        const found = roi.calibrated.map((image, n) => {
          const cells = surelyFound(image, pseudo);
          return { ...cells, boxes: rescale(cells.boxes, sizes[n], originals[n]) };
        });
        const known = withFound(second, found, batch, { isCell: () => true, overlap: sameCell });
        const other = detector.features(second.images);
        const moved = (boxes: Float32Array, n: number): Float32Array => {
          const onImage = movedTo(rescale(boxes, sizes[n], originals[n]), batch, second, n);
          return rescale(onImage, other.batch.originals[n], other.batch.sizes[n]);
        };
        const proposals = first.proposals.map((image, n) => ({ ...image, boxes: moved(image.boxes, n) }));
        const otherRoi = detector.secondStageLoss({ ...other, proposals }, known, masked);

        // The features of what is masked, on both views.
        const unmarked = first.proposals.map((image, n) =>
          unmarkedProposals(image, resizeKnownCells(batch.known[n], originals[n], sizes[n]), limits),
        );
        const features = (on: Features, boxes: Float32Array[]): Tensor =>
          detector.roi_heads.features(on.pyramid, boxes).to("float32");
        const consistency =
          progress >= limits.after && unmarked.some(({ length }) => length > 0)
            ? scope(() => meanSquare(features(first, unmarked), features(other, unmarked.map(moved))))
            : Tensor.from([0], [], { device: detector.options.device });

        const count = progress >= limits.after ? unmarked.reduce((sum, { length }) => sum + length / 4, 0) : 0;
        const means = {
          ...meansOver({ ...rpn.losses }, rpn.count),
          ...addedMeans(halved(roi), halved(otherRoi)),
          consistency: [{ mean: consistency.mul(weight), count }],
        };
        return { losses: sumsOf(means), means };
      },
    });
    return { calibration, procedure };
  },
);

const halved = ({ losses, count }: StageLoss<RoiLoss>): Means =>
  meansOver({ roiClass: losses.roiClass.div(2), roiBox: losses.roiBox.div(2) }, count);

/** [M, 4]: proposals that are probably unmarked cells, each cell once. `known` in pixels of the input. */
export function unmarkedProposals(
  { boxes, objectness }: Pick<Proposals, "boxes" | "objectness">,
  known: KnownCells,
  limits: Parameters<typeof isProbablyUnmarked>[2],
): Float32Array {
  const { overlaps } = matchProposals(boxes, known.boxes, 1);
  const rows = Int32Array.from(objectness.keys()).filter(
    (k) => isProbablyUnmarked(objectness[k], overlaps[k], limits) && labelCertainty(known, boxes, k) === null,
  );
  const unmarked = rowsAt(boxes, rows);
  const scores = Float32Array.from(rows, (k) => objectness[k]);
  return rowsAt(unmarked, Int32Array.from(nms(unmarked, scores, sameUnmarked)));
}

/** Of the sampled RoIs that have a label, the cells that the second stage is sure of; in pixels of the input. */
export function surelyFound({ rois, calibrated }: CalibratedImage, pseudo: number): PseudoCells {
  const classes = classesOf(rois);
  const best = Array.from(rois.labels, (_, r) => {
    const row = Array.from(rois.probabilities.subarray(r * classes + 1, (r + 1) * classes));
    const score = Math.max(...row);
    return { score, label: 1 + row.indexOf(score) };
  });
  const rows = Int32Array.from(rois.labels.keys()).filter((r) => calibrated.classWeight[r] > 0 && best[r].score > pseudo);
  const boxes = rowsAt(rois.boxes, rows);
  const scores = Float32Array.from(rows, (r) => best[r].score);
  const labels = rows.map((r) => best[r].label);
  const kept = Int32Array.from(nms(boxes, scores, sameCell, labels));
  return {
    boxes: rowsAt(boxes, kept),
    scores: Float32Array.from(kept, (k) => scores[k]),
    labels: kept.map((k) => labels[k]),
  };
}

/** Of the differences of two tensors of one shape. */
export function meanSquare(a: Tensor, b: Tensor): Tensor {
  const difference = a.sub(b);
  return difference.mul(difference).mean();
}
