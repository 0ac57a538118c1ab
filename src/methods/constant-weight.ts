// A control for BDE: every background RoI weighs the same. For boxes spread evenly over an image the energy of Eq. (8) is 1/3
// on average, so 1/3 asks whether BDE is more than a smaller weight of background.

import { oneHot } from "./calibration.ts";
import { method, number } from "./method.ts";

export const constantWeight = method({
  name: "constant-weight",
  label: "FPN + constant weight",
  meaning: "control: all background counts less, and alike",
  options: { weight: number(1 / 3, "of background RoIs", [0, 1]) },
  calibration: ({ weight }) => ({
    calibrate(rois) {
      const weights = Float32Array.from(rois.labels, (label) => (label === 0 ? weight : 1));
      return { distribution: oneHot(rois), classWeight: weights, boxWeight: weights };
    },
  }),
});
