// Focal loss (Lin et al., ICCV 2017, https://arxiv.org/abs/1708.02002, Eq. 5): −α_t (1 − p_t)^γ log p_t, p_t the label's
// probability, α for cells and 1 − α for background. It turns to what is hard, which an unmarked cell is above all.
// As a weight of cross entropy, −p_t times its derivative (calibration.ts): α_t ((1 − p_t)^γ − γ p_t (1 − p_t)^(γ−1) log p_t),
// the exact gradient. Theirs is a sigmoid for every class; here p_t is the softmax's, and the loss is divided by the number of RoIs.

import { classesOf, oneHot, ones, type Rois } from "./calibration.ts";
import { method, number } from "./method.ts";

export const focal = method({
  name: "focal",
  label: "FPN + focal",
  meaning: "what the network is sure of counts less",
  options: {
    alpha: number(0.25, "weight of cells, 1 − alpha that of background", [0, 1]),
    gamma: number(2, "how much what is easy counts less", [0, 10]),
  },
  calibration: ({ alpha, gamma }) => ({
    calibrate(rois) {
      const classWeight = Float32Array.from(
        rois.labels,
        (label, r) => (label === 0 ? 1 - alpha : alpha) * focalWeight(labelProbability(rois, r), gamma),
      );
      return { distribution: oneHot(rois), classWeight, boxWeight: ones(rois.labels.length) };
    },
  }),
});

/** −p · d/dp of −(1 − p)^γ log p. */
export function focalWeight(p: number, gamma: number): number {
  const rest = 1 - p;
  if (p <= 0) return 1;
  if (rest <= 0) return gamma === 0 ? 1 : 0;
  return rest ** gamma - gamma * p * rest ** (gamma - 1) * Math.log(p);
}

/** The probability of RoI r's own label. */
export const labelProbability = (rois: Rois, r: number): number => rois.probabilities[r * classesOf(rois) + rois.labels[r]];
