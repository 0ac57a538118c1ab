// The first stage's loss (Ren et al., NeurIPS 2015, https://arxiv.org/abs/1506.01497, Eq. 1) on K sampled anchors of the whole
// batch, K⁺ of them on cells: binary cross entropy of "is a cell", mean over the sample; smooth L1 of the coded boxes of anchors
// on cells, summed and divided by K, as in torchvision. It multiplies by the weights of a calibration, and knows no method.

import { binaryCrossEntropyWithLogits, smoothL1, Tensor } from "@sparsecell/torch";

export interface RpnSampleOutput {
  /** [K] */
  readonly logits: Tensor;
  /** [K⁺, 4]: codes predicted for the anchors on cells, and those wanted. */
  readonly codes: Tensor;
  readonly codeTargets: Float32Array;
}

export interface RpnTargets {
  /** [K], the wanted probability of a cell; 0 or 1 without a calibration. */
  readonly cell: Float32Array;
  /** [K] and [K⁺]: factors of the two parts of the loss; without them 1. */
  readonly classWeight?: Float32Array;
  readonly boxWeight?: Float32Array;
}

export interface RpnLoss {
  readonly rpnClass: Tensor;
  readonly rpnBox: Tensor;
}

export function rpnLoss(
  { logits, codes, codeTargets }: RpnSampleOutput,
  { cell, classWeight, boxWeight }: RpnTargets,
  beta: number,
): RpnLoss {
  const options = { device: logits.device, dtype: logits.dtype };
  const count = Math.max(cell.length, 1);
  const entropy = binaryCrossEntropyWithLogits(logits, Tensor.from(cell, undefined, options)); // [K]
  const distance = smoothL1(codes, Tensor.from(codeTargets, [codeTargets.length / 4, 4], options), beta); // [K⁺, 4]
  const weighted = (loss: Tensor, weight: Float32Array | undefined, shape: number[]): Tensor =>
    weight ? loss.mul(Tensor.from(weight, shape, options)) : loss;
  return {
    rpnClass: weighted(entropy, classWeight, [cell.length]).sum().div(count),
    rpnBox: weighted(distance, boxWeight, [codeTargets.length / 4, 1])
      .sum()
      .div(count),
  };
}
