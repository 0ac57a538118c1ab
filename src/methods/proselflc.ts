// Progressive self label correction (Wang et al., CVPR 2021, https://arxiv.org/abs/2005.03788, section 3.3), one of the paper's
// baselines: the target moves towards the network's prediction, more so later in training (g) and with more confidence (l).
//   target = (1 − ε) q + ε p,  ε = g(t) · l(p),  g = 1 / (1 + exp(−B (t/T − ρ))),  l = 1 − H(p) / log C
// The prediction in the target carries no gradient. B is 8 and ρ 0.5 by default; the authors search B in 4 … 14, ρ in 0.2 … 0.7.

import { number } from "../settings/setting.ts";
import { classesOf, oneHot, ones } from "./calibration.ts";
import { method } from "./method.ts";

export const proselflc = method({
  name: "proselflc",
  label: "FPN + ProSelfLC",
  meaning: "targets that move towards the network's prediction",
  options: {
    b: number(8, "how abruptly trust in the network sets in", [0, 100]),
    rho: number(0.5, "fraction of the training after which trust is one half", [0, 1]),
  },
  calibration: ({ b, rho }) => ({
    calibrate(rois, { progress }) {
      const classes = classesOf(rois);
      const trust = 1 / (1 + Math.exp(-b * (progress - rho)));
      const distribution = oneHot(rois);
      for (let r = 0; r < rois.labels.length; r++) {
        const prediction = rois.probabilities.subarray(r * classes, (r + 1) * classes);
        const epsilon = trust * certainty(prediction);
        prediction.forEach((p, c) => {
          const i = r * classes + c;
          distribution[i] = (1 - epsilon) * distribution[i] + epsilon * p;
        });
      }
      const weight = ones(rois.labels.length);
      return { distribution, classWeight: weight, boxWeight: weight };
    },
  }),
});

/** l(p): 0 for a uniform distribution, 1 for a certain one. */
function certainty(p: Float32Array): number {
  const entropy = p.reduce((sum, value) => (value > 0 ? sum - value * Math.log(value) : sum), 0);
  return Math.min(1, Math.max(0, 1 - entropy / Math.log(p.length)));
}
