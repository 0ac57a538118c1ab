// The mask of SparseDet (Suri et al., ICCV 2023, https://arxiv.org/abs/2201.04620; github.com/saksham-s/SparseDet, model.py,
// get_proposal_mask): proposals that the first stage takes for an object (objectness above 0.8) and that no annotated box
// overlaps (IoU at most 0.2) are probably unmarked cells, so they have no loss: weight 0. Theirs begins at half of the training
// on VOC and at a ninth on COCO, here after 0.3, and samples other proposals in their place; here the loss is still divided by
// all sampled RoIs. Only the mask: their two views and consistency loss need a second network pass.

import { oneHot } from "./calibration.ts";
import { method, number } from "./method.ts";

export const sparsedetMask = method({
  name: "sparsedet-mask",
  label: "FPN + SparseDet mask",
  meaning: "later in the training, background that the first stage takes for a cell is left out",
  options: {
    after: number(0.3, "part of the training after which it masks", [0, 1]),
    objectness: number(0.8, "of the first stage, above which a proposal is masked", [0, 1]),
    iou: number(0.2, "with annotated boxes, up to which it is masked", [0, 1]),
  },
  calibration: ({ after, objectness, iou }) => ({
    calibrate(rois, { progress }) {
      const masked = (r: number): boolean => progress >= after && rois.objectness[r] > objectness && rois.overlaps[r] <= iou;
      const weight = Float32Array.from(rois.labels, (label, r) => (label === 0 && masked(r) ? 0 : 1));
      return { distribution: oneHot(rois), classWeight: weight, boxWeight: weight };
    },
  }),
});
