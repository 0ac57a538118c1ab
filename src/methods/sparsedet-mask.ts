// The mask of SparseDet (Suri et al., ICCV 2023, https://arxiv.org/abs/2201.04620; github.com/saksham-s/SparseDet, model.py,
// get_proposal_mask): proposals that the first stage takes for an object (objectness above 0.8) and that overlap no annotated box
// (IoU at most 0.2) are probably unmarked cells, so they have no loss: weight 0. Theirs starts halfway through training on VOC and
// after a ninth on COCO, here after 0.3; they replace masked proposals by others, here the loss is still divided by all sampled
// RoIs. Only the mask: the whole method, with its two views, is src/procedures/sparsedet.ts.

import { number } from "../settings/setting.ts";
import { oneHot } from "./calibration.ts";
import { method, type Values } from "./method.ts";

const options = {
  after: number(0.3, "fraction of the training after which it masks", [0, 1]),
  objectness: number(0.8, "first-stage objectness above which a proposal is masked", [0, 1]),
  iou: number(0.2, "IoU with annotated boxes up to which it is masked", [0, 1]),
};

export const sparsedetMask = method({
  name: "sparsedet-mask",
  label: "FPN + SparseDet mask",
  meaning: "later in training, background that the first stage takes for a cell is ignored",
  options,
  calibration: (values) => ({
    calibrate(rois, { progress }) {
      const masked = (r: number): boolean =>
        progress >= values.after && isProbablyUnmarked(rois.objectness[r], rois.overlaps[r], values);
      const weight = Float32Array.from(rois.labels, (label, r) => (label === 0 && masked(r) ? 0 : 1));
      return { distribution: oneHot(rois), classWeight: weight, boxWeight: weight };
    },
  }),
});

/** Whether a proposal is probably an unmarked cell. `overlap`: its largest IoU with an annotated box. */
export const isProbablyUnmarked = (
  objectness: number,
  overlap: number,
  limits: Pick<Values<typeof options>, "objectness" | "iou">,
): boolean => objectness > limits.objectness && overlap <= limits.iou;
