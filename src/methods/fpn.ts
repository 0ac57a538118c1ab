// No calibration: the loss of Eqs (1) to (3) as it is, the paper's baseline "FPN".

import { uncalibrated } from "./calibration.ts";
import { method } from "./method.ts";

export const fpn = method({
  name: "fpn",
  label: "FPN",
  meaning: "no calibration: all RoIs count alike",
  options: {},
  calibration: () => ({ calibrate: uncalibrated }),
});
