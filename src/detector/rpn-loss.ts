// The first stage's loss (Ren et al., NeurIPS 2015, https://arxiv.org/abs/1506.01497, Eq. 1) on sampled anchors:
// binary cross entropy of "is a cell", mean over the sample; smooth L1 of the coded boxes of positive anchors, summed and
// divided by the number of sampled anchors, as in torchvision.

import { binaryCrossEntropyWithLogits, smoothL1, Tensor } from "@sparsecell/torch";

export interface RpnSample {
  /** [K] logits and [K] 0 or 1. */
  readonly logits: Tensor;
  readonly labels: Float32Array;
  /** [K], factors of the classification loss; without them 1. */
  readonly weights?: Float32Array;
  /** [K⁺, 4] of the positive ones, predicted and wanted. */
  readonly codes: Tensor;
  readonly targets: Float32Array;
}

export interface RpnLoss {
  readonly rpnClass: Tensor;
  readonly rpnBox: Tensor;
}

export function rpnLoss({ logits, labels, weights, codes, targets }: RpnSample, beta: number): RpnLoss {
  const options = { device: logits.device, dtype: logits.dtype };
  const count = Math.max(labels.length, 1);
  const entropy = binaryCrossEntropyWithLogits(logits, Tensor.from(labels, undefined, options)); // [K]
  const weighted = weights ? entropy.mul(Tensor.from(weights, undefined, options)) : entropy;
  return {
    rpnClass: weighted.sum().div(count),
    rpnBox: smoothL1(codes, Tensor.from(targets, [targets.length / 4, 4], options), beta)
      .sum()
      .div(count),
  };
}
