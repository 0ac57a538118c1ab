// The likelihood of incomplete labels (positive-unlabelled learning with labels selected at random: Elkan and Noto, KDD 2008,
// https://doi.org/10.1145/1401890.1401920). An RoI without a label is not background but unlabelled. With p = 1 − p_0 the
// probability of a cell and c the completeness, the part of the cells that is marked, an unlabelled RoI has the likelihood 1 − c p,
// a labelled one c p_k. The gradient of −log(1 − c p) is that of the plain loss −log p_0 times
//   w = c p_0 / (1 − c + c p_0)
// so c = 1 is the plain loss, p → 0 a constant weight c, and at p → 1 nothing drives the network to unlearn a cell that it believes
// in. Which c that is, and how it is estimated when it is not given, is in completeness-estimate.ts.

import { flag, number, orNull } from "../settings/setting.ts";
import { type Calibrated, classesOf, type NamedArrays, oneHot, ones, type Rois } from "./calibration.ts";
import { BESIDE, completenessMemory, estimateOf, observe } from "./completeness-estimate.ts";
import { method } from "./method.ts";

/** Caution lowers no c below this: nothing more would be gained, and background hardly be learned. */
export const LEAST_CAUTIOUS = 0.1;

/** w of an unlabelled RoI with the probability `background` of being background; `c` of the sampled RoIs. */
export const unlabelledWeight = (background: number, c: number): number =>
  c === 1 ? 1 : (c * background) / (1 - c + c * background);

/**
 * The completeness of sampled RoIs, where that of cells is `c` and labelled RoIs are sampled `rate` times as often as others. The
 * sample has all of the marked cells and few of the others, so its completeness is larger.
 */
export const sampledCompleteness = (c: number, rate: number): number => (rate * c) / (1 - c + rate * c);

/**
 * The c to train with: as though there were `caution` times as many hidden cells in the sample. Too small a c is safe for the
 * ranking of the scores, too large a one is not; and without hidden cells, at c = 1, there is nothing to be cautious about.
 */
export function cautious(c: number, caution: number): number {
  const lowered = c / (c + caution * (1 - c));
  return Math.max(lowered, Math.min(c, LEAST_CAUTIOUS));
}

/** How much more often than an unlabelled RoI of the image a labelled one was sampled. */
export function samplingRate({ labels, standsFor }: Rois): number {
  const [labelled, unlabelled] = [labels.findIndex((label) => label > 0), labels.indexOf(0)];
  return (standsFor[unlabelled] ?? 1) / (standsFor[labelled] ?? 1);
}

export const completeness = method({
  name: "completeness",
  label: "FPN + completeness",
  meaning: "an RoI without a label may be a hidden cell: the likelihood 1 − c p",
  options: {
    c: orNull(number(0.1, "part of the cells that is marked; without it, it is estimated", [0.001, 1]), "estimated"),
    caution: number(3, "the trained c is that of so many times as many hidden cells", [1, 1000]),
    until: number(0.2, "part of the training in which c is estimated, and after which it is held", [0, 1]),
    rpn: flag(true, "the first stage's anchors have the likelihood, too"),
    beside: flag(false, "RoIs that overlap a marked cell (IoU 0.1 or more) are certainly background"),
    scale: flag(true, "the model's scores are corrected for the caution, so that they are probabilities"),
  },
  calibration: ({ c: given, caution, until, rpn, beside, scale }) => {
    const ofSample = (rois: Rois, state: NamedArrays): { sampled: number; trained: number } => {
      const rate = samplingRate(rois);
      const sampled =
        given === null
          ? Math.max(sampledCompleteness(estimateOf(state), rate), LEAST_CAUTIOUS) // of a network that has learned nothing yet
          : sampledCompleteness(given, rate);
      return { sampled, trained: cautious(sampled, caution) };
    };
    const weighed = (rois: Rois, c: number): Calibrated => {
      const classes = classesOf(rois);
      const classWeight = Float32Array.from(rois.labels, (label, r) =>
        label > 0 || (beside && rois.overlaps[r] >= BESIDE) ? 1 : unlabelledWeight(rois.probabilities[r * classes], c),
      );
      return { distribution: oneHot(rois), classWeight, boxWeight: ones(rois.labels.length) };
    };
    return {
      calibrate(rois, { progress, state }) {
        const c = ofSample(rois, state);
        const counts = given === null && progress < until;
        return { ...weighed(rois, c.trained), observed: observe(rois, c, { counts }) };
      },
      calibrateAnchors: rpn ? (anchors, { state }) => weighed(anchors, ofSample(anchors, state).trained) : undefined,
      memory: completenessMemory({ given, scale }),
    };
  },
});
