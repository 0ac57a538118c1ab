// The mask of SparseDet (Suri et al., ICCV 2023, https://arxiv.org/abs/2201.04620; github.com/saksham-s/SparseDet, model.py,
// get_proposal_mask): proposals that the first stage takes for an object (objectness above 0.8) and that overlap no annotated box
// (IoU at most 0.2) are probably unmarked cells, so they have no loss: weight 0. Theirs starts halfway through training on VOC and
// after a ninth on COCO, here after 0.3; they replace masked proposals by others, here the loss is still divided by all sampled
// RoIs. Only the mask is implemented: their two views and consistency loss need a second network pass.

import { number } from "../settings/setting.ts";
import { oneHot } from "./calibration.ts";
import { method } from "./method.ts";

export const sparsedetMask = method({
  name: "sparsedet-mask",
  label: "FPN + SparseDet mask",
  meaning: "later in training, background that the first stage takes for a cell is ignored",
  options: {
    after: number(0.3, "fraction of the training after which it masks", [0, 1]),
    objectness: number(0.8, "first-stage objectness above which a proposal is masked", [0, 1]),
    iou: number(0.2, "IoU with annotated boxes up to which it is masked", [0, 1]),
  },
  calibration: ({ after, objectness, iou }) => ({
    calibrate(rois, { progress }) {
      const masked = (r: number): boolean => progress >= after && rois.objectness[r] > objectness && rois.overlaps[r] <= iou;
      const weight = Float32Array.from(rois.labels, (label, r) => (label === 0 && masked(r) ? 0 : 1));
      return { distribution: oneHot(rois), classWeight: weight, boxWeight: weight };
    },
  }),
});
