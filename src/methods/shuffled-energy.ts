// A control for BDE: the same energies of the same image, permuted over its background RoIs. Their mean and spread are BDE's,
// but a place no longer decides on its own weight: what is left of a gain does not come from density.

import type { Random } from "../random.ts";
import { bde } from "./bde.ts";
import type { Calibration } from "./calibration.ts";
import { method } from "./method.ts";

export const shuffledEnergy = method({
  name: "shuffled-energy",
  label: "FPN + shuffled energy",
  meaning: "control: the weights of bde, each on another background RoI",
  options: bde.options,
  calibration: (options) => {
    const { calibrate, calibrateAnchors, needsAllProposals } = bde(options);
    const shuffledCalibrate: Calibration["calibrate"] = (rois, context) => {
      const { distribution, classWeight } = calibrate(rois, context);
      const weight = shuffled(classWeight, backgroundByPlace(rois.labels, [rois.proposals, rois.boxes]), context.random);
      return { distribution, classWeight: weight, boxWeight: weight };
    };
    return {
      needsAllProposals,
      calibrate: shuffledCalibrate,
      calibrateAnchors: calibrateAnchors && shuffledCalibrate,
    };
  },
});

/** A copy in which the values at `places` are permuted. */
function shuffled(weights: Float32Array, places: readonly number[], random: Random): Float32Array {
  const result = weights.slice();
  random.shuffled(places).forEach((from, i) => {
    result[places[i]] = weights[from];
  });
  return result;
}

/** Where background is, in an order of its boxes [R, 4] that does not depend on the order in which they were sampled. */
function backgroundByPlace(labels: ArrayLike<number>, boxes: readonly Float32Array[]): number[] {
  const order = (a: number, b: number): number => {
    for (const rows of boxes)
      for (let i = 0; i < 4; i++) if (rows[4 * a + i] !== rows[4 * b + i]) return rows[4 * a + i] - rows[4 * b + i];
    return 0;
  };
  return Array.from(labels, (label, r) => (label === 0 ? r : -1))
    .filter((r) => r >= 0)
    .sort(order);
}
