// Positive-unlabelled learning with a risk that is not negative, in the form of Zhao et al. (MICCAI 2021; MELBA 2022:027,
// https://www.melba-journal.org/papers/2022:027.html; after Kiryo et al., NeurIPS 2017, Eq. 6) on the second stage's classifier.
// P annotated RoIs and B background ones of the image, R in all, π the part of places that are cells:
//   π · CE(P → own class) + max(0, (|B|/R) · CE(B → background) + (|P|/R) · CE(P → background) − π · CE(P → background))
// CE a mean over its set. A weight and a target say each RoI's part (calibration.ts): background weighs 1; an annotated RoI has
// a = π R / |P| towards its class and b = 1 − a towards background, which is weight 1 and the target (b, a). With few
// annotated RoIs a exceeds 1 and b is below 0: the subtracted risk. Where the max is 0 only the first term stays.

import { classesOf, oneHot, ones, type Rois } from "./calibration.ts";
import { method, number } from "./method.ts";

export const nnpu = method({
  name: "nnpu",
  label: "FPN + nnPU",
  meaning: "what has no annotation is a mixture, a known part of it cells",
  options: { prior: number(0.04, "part of the places that are cells", [0, 1]) },
  calibration: ({ prior }) => ({
    calibrate(rois) {
      const distribution = oneHot(rois);
      const classWeight = ones(rois.labels.length);
      const classes = classesOf(rois);
      const positives = rois.labels.reduce((n, label) => n + (label > 0 ? 1 : 0), 0);
      if (positives === 0) return { distribution, classWeight, boxWeight: ones(rois.labels.length) };
      const own = (prior * rois.labels.length) / positives;
      const unlabelled = unlabelledRisk(rois, own);
      rois.labels.forEach((label, r) => {
        if (unlabelled <= 0) classWeight[r] = label > 0 ? own : 0;
        else if (label > 0) {
          distribution[r * classes] = 1 - own;
          distribution[r * classes + label] = own;
        }
      });
      return { distribution, classWeight, boxWeight: ones(rois.labels.length) };
    },
  }),
});

/** What stands in the max, times R. Added in the order of size, so that a sum near 0 has one sign in whatever order the RoIs come. */
function unlabelledRisk(rois: Rois, own: number): number {
  const classes = classesOf(rois);
  const terms = Float64Array.from(
    rois.labels,
    (label, r) => -(label > 0 ? 1 - own : 1) * Math.log(Math.max(rois.probabilities[r * classes], 1e-12)),
  );
  return terms.sort().reduce((sum, term) => sum + term, 0);
}
