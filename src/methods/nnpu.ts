// Positive-unlabelled learning with a non-negative risk, in the form of Zhao et al. (MICCAI 2021; MELBA 2022:027,
// https://www.melba-journal.org/papers/2022:027.html; after Kiryo et al., NeurIPS 2017, Eq. 6) on the second stage's classifier.
// For P annotated and B background RoIs of an image, R in all, and π the fraction of RoIs that are cells, the risk is
//   π · CE(P → its class) + max(0, (|B|/R) · CE(B → background) + (|P|/R) · CE(P → background) − π · CE(P → background))
// with CE a mean over its set. As weights and targets (calibration.ts): background has weight 1; an annotated RoI has weight 1 and
// the target (b, a), a = π R / |P| for its class and b = 1 − a for background. With few annotated RoIs a exceeds 1 and b is
// negative, which is the subtracted risk. If the max is 0, only the first term remains.

import { number } from "../settings/setting.ts";
import { classesOf, oneHot, ones, type Rois } from "./calibration.ts";
import { method } from "./method.ts";

export const nnpu = method({
  name: "nnpu",
  label: "FPN + nnPU",
  meaning: "unannotated RoIs are a mixture with a known fraction of cells",
  options: { prior: number(0.04, "fraction of RoIs that are cells", [0, 1]) },
  calibration: ({ prior }) => ({
    calibrate(rois) {
      const distribution = oneHot(rois);
      const classWeight = ones(rois.labels.length);
      const classes = classesOf(rois);
      const positives = rois.labels.reduce((n, label) => n + (label > 0 ? 1 : 0), 0);
      if (positives === 0) return { distribution, classWeight, boxWeight: ones(rois.labels.length) };
      const towardsClass = (prior * rois.labels.length) / positives;
      const unlabelled = unlabelledRisk(rois, towardsClass);
      rois.labels.forEach((label, r) => {
        if (unlabelled <= 0) classWeight[r] = label > 0 ? towardsClass : 0;
        else if (label > 0) {
          distribution[r * classes] = 1 - towardsClass;
          distribution[r * classes + label] = towardsClass;
        }
      });
      return { distribution, classWeight, boxWeight: ones(rois.labels.length) };
    },
  }),
});

/** The term inside the max, times R. Summed in order of size, so that the sign of a sum near 0 does not depend on the RoIs' order. */
function unlabelledRisk(rois: Rois, towardsClass: number): number {
  const classes = classesOf(rois);
  const terms = Float64Array.from(
    rois.labels,
    (label, r) => -(label > 0 ? 1 - towardsClass : 1) * Math.log(Math.max(rois.probabilities[r * classes], 1e-12)),
  );
  return terms.sort().reduce((sum, term) => sum + term, 0);
}
