// BCEBlurWithLogits of YOLOv5 (https://github.com/ultralytics/yolov5, utils/loss.py), "to reduce the effects of missing labels":
// cross entropy times 1 − exp((p − y − 1) / (α + 10⁻⁴)), p the probability of a cell and y 1 for one: background that is
// scored as a cell for certain is let go. α 0.05. Theirs is a sigmoid; here p = 1 − p_0 of the softmax.
// For background L(p) = −log(1 − p) · (1 − e), e = exp((p − 1) / a). As a weight (calibration.ts), (1 − p) L'(p); near p = 1 that is
// below 0 and pushes towards a cell: then the target is the foreground, with p L'(p) < 0 as −weight. The exact gradient.

import { classesOf, oneHot, ones } from "./calibration.ts";
import { setForeground } from "./foreground-target.ts";
import { method, number } from "./method.ts";

export const bceBlur = method({
  name: "bce-blur",
  label: "FPN + BCE blur",
  meaning: "background that is surely taken for a cell is let go",
  options: { alpha: number(0.05, "width of the range of scores that is let go", [0, 10]) },
  calibration: ({ alpha }) => ({
    calibrate(rois) {
      const a = alpha + 1e-4;
      const classes = classesOf(rois);
      const distribution = oneHot(rois);
      const classWeight = Float32Array.from(rois.labels, (label, r) => {
        const background = Math.max(rois.probabilities[r * classes], 1e-12); // 1 − p
        const p = 1 - background;
        if (label > 0) {
          // L(p) = −log p · (1 − exp((p − 2) / a)) for a cell, p its class's probability
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
