// Gradient harmonising mechanism for classification, GHM-C (Li et al., AAAI 2019, https://arxiv.org/abs/1811.05181):
// RoIs whose gradient is as long as many others' count less, so that neither the many easy ones nor the outliers lead.
// g = 1 − p_t is the length of the gradient (their |p − p*|, of a sigmoid). The weight is N / GD(g), the density GD of RoIs being
// counted in M equal bins of g, and scaled to mean 1 (their M replaced by the number of bins that are not empty, as the authors'
// code does). Over the RoIs of one image, without their moving average.

import { oneHot, ones } from "./calibration.ts";
import { labelProbability } from "./focal.ts";
import { method, whole } from "./method.ts";

export const ghm = method({
  name: "ghm",
  label: "FPN + GHM",
  meaning: "what is as hard as many others counts less",
  options: { bins: whole(30, "of gradient length", [1, 1000]) },
  calibration: ({ bins }) => ({
    calibrate(rois) {
      const binOf = Array.from(rois.labels, (_, r) =>
        Math.min(bins - 1, Math.max(0, Math.floor(bins * (1 - labelProbability(rois, r))))),
      );
      const inBin = new Int32Array(bins);
      for (const bin of binOf) inBin[bin]++;
      const filled = inBin.filter((n) => n > 0).length;
      const classWeight = Float32Array.from(binOf, (bin) => rois.labels.length / (inBin[bin] * filled));
      return { distribution: oneHot(rois), classWeight, boxWeight: ones(rois.labels.length) };
    },
  }),
});
