// A control for BDE: every background RoI has the same weight. For boxes spread evenly over an image the energy of Eq. (8) is 1/3
// on average, so a weight of 1/3 tests whether BDE does more than reduce the weight of background.

import { number } from "../settings/setting.ts";
import { oneHot } from "./calibration.ts";
import { method } from "./method.ts";

export const constantWeight = method({
  name: "constant-weight",
  label: "FPN + constant weight",
  meaning: "control: all background RoIs have the same smaller weight",
  options: { weight: number(1 / 3, "weight of background RoIs", [0, 1]) },
  calibration: ({ weight }) => ({
    calibrate(rois) {
      const weights = Float32Array.from(rois.labels, (label) => (label === 0 ? weight : 1));
      return { distribution: oneHot(rois), classWeight: weights, boxWeight: weights };
    },
  }),
});
