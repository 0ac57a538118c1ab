// A control for BDE: the same energies of the same image, permuted over its background RoIs. Their mean and spread are BDE's,
// but a place no longer decides on its own weight: what is left of a gain does not come from density.

import { bde } from "./bde.ts";
import type { Rois } from "./calibration.ts";
import { method } from "./method.ts";

export const shuffledEnergy = method({
  name: "shuffled-energy",
  label: "FPN + shuffled energy",
  options: bde.options,
  calibration: (options) => {
    const { calibrate, needsAllProposals } = bde(options);
    return {
      needsAllProposals,
      calibrate(rois, moment) {
        const { targets, clsWeight } = calibrate(rois, moment);
        const weight = clsWeight.slice();
        const background = backgroundByPlace(rois);
        moment.random.shuffled(background).forEach((from, i) => {
          weight[background[i]] = clsWeight[from];
        });
        return { targets, clsWeight: weight, boxWeight: weight };
      },
    };
  },
});

/** Background RoIs in an order that does not depend on the order in which they were sampled. */
function backgroundByPlace({ labels, boxes, proposals }: Rois): number[] {
  const order = (a: number, b: number): number => {
    for (const rows of [proposals, boxes])
      for (let i = 0; i < 4; i++) if (rows[4 * a + i] !== rows[4 * b + i]) return rows[4 * a + i] - rows[4 * b + i];
    return 0;
  };
  return Array.from(labels.keys())
    .filter((r) => labels[r] === 0)
    .sort(order);
}
