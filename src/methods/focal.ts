// Focal loss (Lin et al., ICCV 2017, https://arxiv.org/abs/1708.02002, Eq. 5): −α_t (1 − p_t)^γ log p_t, with p_t the probability
// of the label, α for cells and 1 − α for background. It emphasises hard RoIs, and unmarked cells are among the hardest.
// The weight of cross entropy is −p_t times its derivative (calibration.ts), α_t ((1 − p_t)^γ − γ p_t (1 − p_t)^(γ−1) log p_t), which
// gives the exact gradient. Theirs has a sigmoid per class; here p_t is of the softmax, and the loss is divided by the RoIs.

import { number } from "../settings/setting.ts";
import { classesOf, oneHot, ones, type Rois } from "./calibration.ts";
import { method } from "./method.ts";

export const focal = method({
  name: "focal",
  label: "FPN + focal",
  meaning: "RoIs of which the network is sure count less",
  options: {
    alpha: number(0.25, "weight of cells; background has 1 − alpha", [0, 1]),
    gamma: number(2, "how strongly easy RoIs are down-weighted", [0, 10]),
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

/** −p times the derivative of −(1 − p)^γ log p. */
export function focalWeight(p: number, gamma: number): number {
  const rest = 1 - p;
  if (p <= 0) return 1;
  if (rest <= 0) return gamma === 0 ? 1 : 0;
  return rest ** gamma - gamma * p * rest ** (gamma - 1) * Math.log(p);
}

/** The probability of the label of RoI r. */
export const labelProbability = (rois: Rois, r: number): number => rois.probabilities[r * classesOf(rois) + rois.labels[r]];
