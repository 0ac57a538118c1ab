// No calibration: the unchanged loss of Eqs (1) to (3), the baseline "FPN" of the paper.

import { uncalibrated } from "./calibration.ts";
import { method } from "./method.ts";

/**
 * No calibration: the plain loss, which every method is compared with.
 *
 * @example
 * const { classWeight } = fpn().calibrate(rois, context); // all 1
 */
export const fpn = method({
  name: "fpn",
  label: "FPN",
  meaning: "no calibration: all RoIs have weight 1",
  options: {},
  calibration: () => ({ calibrate: uncalibrated }),
});
