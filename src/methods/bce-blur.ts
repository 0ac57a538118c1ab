// BCEBlurWithLogits of YOLOv5 (https://github.com/ultralytics/yolov5, utils/loss.py), "to reduce the effects of missing labels":
// cross entropy times 1 − exp((p − y − 1) / (α + 10⁻⁴)), with p the probability of a cell and y = 1 for a cell, so that background
// scored as a certain cell is ignored. α is 0.05. Theirs is a sigmoid; here p = 1 − p_0 of the softmax.
// For background L(p) = −log(1 − p) · (1 − e), e = exp((p − 1) / a), and the weight (calibration.ts) is (1 − p) L'(p). Near p = 1 it
// is negative and pushes towards a cell: the target is then the foreground, with weight −p L'(p). The gradient is exact.

import { number } from "../settings/setting.ts";
import { classesOf, oneHot, ones } from "./calibration.ts";
import { setForeground } from "./foreground-target.ts";
import { method } from "./method.ts";

export const bceBlur = method({
  name: "bce-blur",
  label: "FPN + BCE blur",
  meaning: "background that is confidently taken for a cell is ignored",
  options: { alpha: number(0.05, "width of the range of scores that is ignored", [0, 10]) },
  calibration: ({ alpha }) => ({
    calibrate(rois) {
      const a = alpha + 1e-4;
      const classes = classesOf(rois);
      const distribution = oneHot(rois);
      const classWeight = Float32Array.from(rois.labels, (label, r) => {
        const background = Math.max(rois.probabilities[r * classes], 1e-12); // 1 − p
        const p = 1 - background;
        if (label > 0) {
          // L(p) = −log p · (1 − exp((p − 2) / a)) for a cell, with p the probability of its class
          const q = Math.max(rois.probabilities[r * classes + label], 1e-12);
          const e = Math.exp((q - 2) / a);
          return Math.max(0, 1 - e - (q * Math.log(q) * e) / a);
        }
        const e = Math.exp((p - 1) / a);
        const slope = (1 - e) / background + (Math.log(background) * e) / a; // L'(p)
        if (slope >= 0) return background * slope;
        setForeground(distribution, rois, r);
        return -p * slope;
      });
      return { distribution, classWeight, boxWeight: ones(rois.labels.length) };
    },
  }),
});
