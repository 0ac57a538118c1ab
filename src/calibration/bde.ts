// Boxes Density Energy (Li et al. 2021, doi 10.3389/fmed.2021.767625, section 3): where many of the second stage's boxes
// crowd together there probably is a cell, annotated or not, so a background label there is punished less.
// Eqs (5)–(8), density and energy, stand in boxes-density.ts. R RoIs of one image.

import { boxesEnergy } from "./boxes-density.ts";
import { type Calibration, oneHot, type Rois } from "./calibration.ts";

export const bde: Calibration = {
  name: "bde",
  calibrate(rois) {
    const energy = boxesEnergy(centers(rois.boxes));
    // The factor in Eqs (9) and (10): the box's energy where u = 0, and 1 where u ≠ 0.
    const weight = Float32Array.from(rois.labels, (label, r) => (label === 0 ? energy[r] : 1));
    return { targets: oneHot(rois), clsWeight: weight, boxWeight: weight };
  },
};

/** x y of each box's centre, interleaved [2R]: what Eq. (6) measures distances between. */
function centers(boxes: Rois["boxes"]): Float64Array {
  return Float64Array.from({ length: boxes.length / 2 }, (_, i) => {
    const corner = 4 * (i >> 1) + (i & 1);
    return (boxes[corner] + boxes[corner + 2]) / 2;
  });
}
