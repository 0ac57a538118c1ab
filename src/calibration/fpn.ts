// No calibration: the loss of Eqs (1)–(3) as it is, the paper's baseline "FPN".

import { type Calibration, oneHot, ones } from "./calibration.ts";

export const fpn: Calibration = {
  name: "fpn",
  calibrate: (rois) => ({ targets: oneHot(rois), clsWeight: ones(rois.labels.length), boxWeight: ones(rois.labels.length) }),
};
