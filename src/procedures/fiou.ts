// Focal IoU weight (Wang et al., AAAI 2023; github.com/Whileherham/CalibratedTeacher, retinahead_adaptnegweiht2_focaliou.py): where
// the label is background, an RoI weighs
//   w(o) = bias + k (1 − bias) (−α o^γ log(1.00001 − o)),   α 0.25, γ 2, bias 0.5, k 3
// o: the IoU of its regressed box with the nearest annotated box. So background far from every annotated cell, which may be an
// unmarked cell, counts half; a second detection of an annotated cell, which surely is a mistake, counts more. They let a gradient
// through w; ours has none. Theirs is a one-stage detector, ours the second stage. The annotated boxes are those among the RoIs:
// the detector adds them all to the proposals, and samples them unless there are more than it has room for.

import { iou } from "../geometry/box.ts";
import { boxAt, toBoxes } from "../geometry/rows.ts";
import { type Calibration, oneHot, ones } from "../methods/calibration.ts";

const [alpha, gamma, bias, k] = [0.25, 2, 0.5, 3];

export const fiouWeight = (overlap: number): number =>
  bias + k * (1 - bias) * -alpha * overlap ** gamma * Math.log(1.00001 - overlap);

export const fiou: Calibration = {
  name: "fiou",
  label: "FPN + FIoU",
  calibrate(rois) {
    const annotated = toBoxes(rois.proposals).filter((_, r) => rois.labels[r] > 0 && rois.overlaps[r] > 0.9999);
    const nearest = (r: number): number => annotated.reduce((most, box) => Math.max(most, iou(box, boxAt(rois.boxes, r))), 0);
    const classWeight = Float32Array.from(rois.labels, (label, r) => (label === 0 ? fiouWeight(nearest(r)) : 1));
    return { distribution: oneHot(rois), classWeight, boxWeight: ones(rois.labels.length) };
  },
};
