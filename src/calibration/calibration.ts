// The seam between the detector and a training method. A calibration looks at the RoIs that were sampled on one image
// and says what their loss shall be: a target distribution for each, and weights for the two parts of the loss.
// Everything is plain numbers, so nothing here can carry a gradient. R RoIs, C classes, class 0 = background.

export interface Rois {
  /** [R]: the class of the annotated box that an RoI was matched with; 0 when with none. */
  readonly labels: Int32Array;
  /** [R, C]: the second stage's class probabilities. */
  readonly probabilities: Float32Array;
  /** [R, 4]: the second stage's regressed boxes, x1 y1 x2 y2, of each RoI's most probable foreground class. */
  readonly boxes: Float32Array;
}

export interface Targets {
  /** [R, C], each row a distribution. */
  readonly targets: Float32Array;
  /** [R], at least 0: factor of each RoI's classification loss. */
  readonly clsWeight: Float32Array;
  /** [R], at least 0: factor of each foreground RoI's box loss (background has none). */
  readonly boxWeight: Float32Array;
}

export interface Calibration {
  readonly name: string;
  /** `progress`: part of the training that is done, 0 … 1. */
  calibrate(rois: Rois, progress: number): Targets;
}

/** The labels as one-hot rows [R, C]: u of Eq. (2). */
export function oneHot({ labels, probabilities }: Rois): Float32Array {
  const targets = new Float32Array(probabilities.length);
  const classes = labels.length === 0 ? 0 : probabilities.length / labels.length;
  labels.forEach((label, r) => {
    targets[r * classes + label] = 1;
  });
  return targets;
}

export const ones = (count: number): Float32Array => new Float32Array(count).fill(1);
