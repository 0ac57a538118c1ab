// The second stage's loss, Eqs (1)–(4) with the weights of a calibration: it multiplies, and knows no method.
// R RoIs of the whole batch, R⁺ of them foreground, C classes. Both parts are divided by R, as in torchvision.

import { logSoftmax, smoothL1, Tensor } from "@sparsecell/torch";
import type { Calibrated } from "../methods/calibration.ts";

export interface RoiSampleOutput {
  /** [R, C] */
  readonly logits: Tensor;
  /** [R⁺, 4]: codes predicted for the foreground RoIs' own classes, and those wanted. */
  readonly codes: Tensor;
  readonly codeTargets: Float32Array;
  /** [R⁺]: which RoIs those are. */
  readonly foreground: Int32Array;
}

export interface RoiLoss {
  readonly roiClass: Tensor;
  readonly roiBox: Tensor;
}

export function roiLoss(
  { logits, codes, codeTargets, foreground }: RoiSampleOutput,
  { distribution, classWeight, boxWeight }: Omit<Calibrated, "observed">,
  beta: number,
): RoiLoss {
  const device = logits.device;
  const count = Math.max(classWeight.length, 1);
  const on = (values: Float32Array, shape: number[]): Tensor => Tensor.from(values, shape, { device });
  const crossEntropy = logSoftmax(logits, 1).mul(on(distribution, logits.shape)).sum(1).neg(); // [R], Eq. (2)
  const distance = smoothL1(codes, on(codeTargets, codes.shape), beta).sum(1); // [R⁺], Eqs (3) and (4)
  const weight = Float32Array.from(foreground, (r) => boxWeight[r]);
  return {
    roiClass: crossEntropy
      .mul(on(classWeight, [classWeight.length]))
      .sum()
      .div(count), // Eq. (9)
    roiBox: distance
      .mul(on(weight, [weight.length]))
      .sum()
      .div(count), // Eq. (10)
  };
}
