// Label smoothing (Szegedy et al., CVPR 2016, https://arxiv.org/abs/1512.00567, section 7), one of the paper's baselines:
// target = (1 − ε) q + ε / C. The paper does not state ε; 0.1 is usual.

import { number } from "../settings/setting.ts";
import { classesOf, oneHot, ones } from "./calibration.ts";
import { method } from "./method.ts";

export const labelSmoothing = method({
  name: "label-smoothing",
  label: "FPN + LS",
  meaning: "targets slightly less certain than the labels",
  options: { epsilon: number(0.1, "fraction of the target spread over all classes", [0, 1]) },
  calibration: ({ epsilon }) => ({
    calibrate(rois) {
      const classes = classesOf(rois);
      const weight = ones(rois.labels.length);
      return {
        distribution: oneHot(rois).map((q) => (1 - epsilon) * q + epsilon / classes),
        classWeight: weight,
        boxWeight: weight,
      };
    },
  }),
});
