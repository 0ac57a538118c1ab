// Gradient harmonising mechanism for classification, GHM-C (Li et al., AAAI 2019, https://arxiv.org/abs/1811.05181): RoIs count
// less if many others have a gradient of similar length, so that neither the many easy RoIs nor the outliers dominate.
// g = 1 − p_t is the length of the gradient (their |p − p*| of a sigmoid). The weight is N / GD(g), where the density GD of RoIs is
// counted in M equal bins of g, scaled to mean 1 (M is the number of bins that are not empty, as in the authors' code). Computed
// over the RoIs of one image, without their moving average.

import { whole } from "../settings/setting.ts";
import { oneHot, ones } from "./calibration.ts";
import { labelProbability } from "./focal.ts";
import { method } from "./method.ts";

export const ghm = method({
  name: "ghm",
  label: "FPN + GHM",
  meaning: "RoIs as hard as many others count less",
  options: { bins: whole(30, "number of bins of gradient length", [1, 1000]) },
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
