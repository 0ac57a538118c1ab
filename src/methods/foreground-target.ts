// The target "a cell of some class": the network's distribution over the foreground classes. Its weighted cross entropy has the
// gradient of −log(1 − p_0), which does not depend on the class.

import { classesOf, type Rois } from "./calibration.ts";

/** Makes row r of `targets` [R, C] that target. */
export function setForeground(distribution: Float32Array, rois: Rois, r: number): void {
  const classes = classesOf(rois);
  const row = rois.probabilities.subarray(r * classes + 1, (r + 1) * classes);
  const total = row.reduce((sum, p) => sum + p, 0);
  distribution[r * classes] = 0;
  row.forEach((p, c) => {
    distribution[r * classes + 1 + c] = total > 0 ? p / total : 1 / row.length;
  });
}
