// A control for BDE: the energies of an image, permuted among its background RoIs. Their mean and spread are those of BDE, but a
// weight no longer depends on its RoI's position: any remaining gain does not come from density.

import type { Random } from "../random.ts";
import { bde } from "./bde.ts";
import type { Calibration } from "./calibration.ts";
import { method } from "./method.ts";

export const shuffledEnergy = method({
  name: "shuffled-energy",
  label: "FPN + shuffled energy",
  meaning: "control: the weights of bde, shuffled among background RoIs",
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

/** The indices of background, in an order of boxes [R, 4] that does not depend on the order of sampling. */
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
