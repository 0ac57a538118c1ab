// Boxes Density Energy (Li et al. 2021, doi 10.3389/fmed.2021.767625, section 3): where many of the second stage's boxes
// crowd together there is probably a cell, annotated or not, so a background label there is punished less.
// Eqs (5)–(8), density and energy, are in boxes-density.ts. R RoIs of one image.

import { flag, oneOf } from "../settings/setting.ts";
import { boxCenters, boxesEnergy } from "./boxes-density.ts";
import { type Calibrated, oneHot, type Rois } from "./calibration.ts";
import { method } from "./method.ts";

/**
 * Boxes Density Energy: the classification loss of a background RoI is multiplied by the energy of its box (Eq. 8).
 *
 * @example
 * const calibration = bde(); // or bde({ boxes: "all", rpn: true })
 * const losses = detector.losses(images, known, { calibration, progress: 0, random: stepRandom(1, 1) });
 */
export const bde = method({
  name: "bde",
  label: "FPN + BDE",
  meaning: "background counts less where boxes crowd",
  options: {
    boxes: oneOf(["sampled", "all"], "the N boxes of Eq. (5): the sampled RoIs, or all proposals"),
    regressed: flag(true, "their places after the second stage's regression (Figure 4A), else as proposed"),
    rpn: flag(false, "weigh the first stage's anchors in the same way"),
  },
  calibration: ({ boxes, regressed, rpn }) => {
    const calibrate = (rois: Rois): Calibrated => {
      const energy = energies(rois, { boxes, regressed });
      // The factor in Eqs (9) and (10): the box's energy where u = 0, and 1 where u ≠ 0.
      const weight = Float32Array.from(rois.labels, (label, r) => (label === 0 ? energy[r] : 1));
      return { distribution: oneHot(rois), classWeight: weight, boxWeight: weight };
    };
    return { needsAllProposals: boxes === "all", calibrate, calibrateAnchors: rpn ? calibrate : undefined };
  },
});

/** Eq. (8) of each RoI [R]. */
function energies(
  { all, ...sampled }: Rois,
  { boxes, regressed }: { boxes: "sampled" | "all"; regressed: boolean },
): Float64Array {
  const crowd = boxes === "all" && all ? all : sampled;
  const energy = boxesEnergy(boxCenters(regressed ? crowd.boxes : crowd.proposals));
  return crowd === all ? Float64Array.from(all.rows, (row) => energy[row]) : energy;
}
