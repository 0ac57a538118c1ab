// Background recalibration loss (Zhang et al., ICASSP 2020, https://arxiv.org/abs/2002.05274; the authors' configuration in
// github.com/Dwrety/mmdetection-selective-iou; their US patent 12266156 may cover its use). Background is divided by its largest
// IoU o with an annotated box. From o = `confusion` (0.1) on it is certain, with the focal loss −(1 − α) p^γ log(1 − p), p being the
// probability of a cell. Below it is uncertain: up to p = ½ it has the same loss, above it the mirrored loss −(1 − α) (1 − p)^γ log p,
// which pushes a likely cell to become one; both times 0.1, as the authors configure it. α is 0.25, γ is 2. Annotated RoIs have the
// focal loss of cells. The weights (calibration.ts, focal.ts) on the target "background" or "a cell of some class" give the exact
// gradients. Theirs is a one-stage detector with sigmoids, normalised by positive anchors, without o from 0.4 to 0.5; here
// p = 1 − p_0 of the softmax, normalised by RoIs, and everything below the detector's foreground IoU is background.

import { number } from "../settings/setting.ts";
import { classesOf, oneHot, ones } from "./calibration.ts";
import { focalWeight, labelProbability } from "./focal.ts";
import { setForeground } from "./foreground-target.ts";
import { method } from "./method.ts";

export const brl = method({
  name: "brl",
  label: "FPN + BRL",
  meaning: "background far from annotated cells that looks like a cell is learnt as a cell",
  options: {
    confusion: number(0.1, "IoU below which background is not certain", [0, 1]),
    threshold: number(0.5, "probability above which such background is taken for a cell", [0, 1]),
    doubt: number(0.1, "weight of such background", [0, 1]),
    alpha: number(0.25, "weight of cells; background has 1 − alpha", [0, 1]),
    gamma: number(2, "how strongly easy RoIs are down-weighted", [0, 10]),
  },
  calibration: ({ confusion, threshold, doubt, alpha, gamma }) => ({
    calibrate(rois) {
      const classes = classesOf(rois);
      const distribution = oneHot(rois);
      const classWeight = Float32Array.from(rois.labels, (label, r) => {
        if (label > 0) return alpha * focalWeight(labelProbability(rois, r), gamma);
        const background = rois.probabilities[r * classes];
        const scale = (1 - alpha) * (rois.overlaps[r] >= confusion ? 1 : doubt);
        if (rois.overlaps[r] >= confusion || 1 - background <= threshold) return scale * focalWeight(background, gamma);
        setForeground(distribution, rois, r);
        return scale * focalWeight(1 - background, gamma);
      });
      return { distribution, classWeight, boxWeight: ones(rois.labels.length) };
    },
  }),
});
