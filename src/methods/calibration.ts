// The seam between the detector and a training method. A calibration looks at the RoIs that were sampled on one image
// and says what their loss shall be: a target distribution for each, and weights for the two parts of the loss.
// Everything is plain numbers, so nothing here can carry a gradient. R RoIs, C classes, class 0 = background.
//
// This says every loss L of the class probabilities p alone: what a softmax learns from is ∂L/∂z, and weighted cross
// entropy has weight · (p − target). A loss f(p_t) of the label's probability, for instance, is the weight −p_t · f′(p_t).

import type { Random } from "../random.ts";

export interface Rois {
  /** [R]: the class of the annotated box that an RoI was matched with; 0 when with none. */
  readonly labels: Int32Array;
  /** [R, C]: the second stage's class probabilities. */
  readonly probabilities: Float32Array;
  /** [R, 4]: the second stage's regressed boxes, x1 y1 x2 y2, of each RoI's most probable foreground class. */
  readonly boxes: Float32Array;
  /** [R, 4]: the first stage's boxes, which the RoIs are. */
  readonly proposals: Float32Array;
  /** [R]: the largest IoU of the proposal with an annotated box. */
  readonly overlaps: Float32Array;
  /** [R], 0 … 1: the first stage's probability of a cell; 1 for an annotated box that was added to the proposals. */
  readonly objectness: Float32Array;
  /** For a calibration that `needsAllProposals`. */
  readonly all?: AllProposals;
}

/** The N boxes that the R RoIs were drawn from: the image's proposals and the annotated boxes added to them. */
export interface AllProposals {
  /** [N, 4], regressed and as proposed, as in `Rois`. */
  readonly boxes: Float32Array;
  readonly proposals: Float32Array;
  /** [R]: which of them the RoIs are. */
  readonly rows: Int32Array;
}

/** The first stage's sample of K anchors of one image. */
export interface Anchors {
  /** [K]: 1 for a cell, 0 for background. */
  readonly labels: Float32Array;
  /** [K, 4]: regressed, and as they lie on the grid. */
  readonly boxes: Float32Array;
  readonly anchors: Float32Array;
}

export interface Targets {
  /** [R, C], each row sums to 1. */
  readonly targets: Float32Array;
  /** [R], at least 0: factor of each RoI's classification loss. */
  readonly clsWeight: Float32Array;
  /** [R], at least 0: factor of each foreground RoI's box loss (background has none). */
  readonly boxWeight: Float32Array;
}

/** When it is asked. */
export interface Moment {
  /** Part of the training that is done, 0 … 1. */
  readonly progress: number;
  /** The step's own: losses sample with it, too. */
  readonly random: Random;
}

/** A calibration, and when it is asked: what a loss needs beside the network's output. */
export interface LossOptions extends Moment {
  readonly calibration: Calibration;
}

export interface Calibration {
  /** As `--method` takes it, with the options that are not the default: "bde:rpn=true". */
  readonly name: string;
  /** In tables and figures: "FPN + BDE". */
  readonly label: string;
  calibrate(rois: Rois, moment: Moment): Targets;
  /** Costs a second pass of the second stage over all proposals, without gradient. */
  readonly needsAllProposals?: boolean;
  /** [K], at least 0: factors of the anchors' classification loss. Without it the first stage is not calibrated. */
  calibrateAnchors?(anchors: Anchors, moment: Moment): Float32Array;
}

/** Classes of the RoIs, background included; 0 without RoIs. */
export const classesOf = ({ labels, probabilities }: Rois): number =>
  labels.length === 0 ? 0 : probabilities.length / labels.length;

/** The labels as one-hot rows [R, C]: u of Eq. (2). */
export function oneHot(rois: Rois): Float32Array {
  const targets = new Float32Array(rois.probabilities.length);
  const classes = classesOf(rois);
  rois.labels.forEach((label, r) => {
    targets[r * classes + label] = 1;
  });
  return targets;
}

export const ones = (count: number): Float32Array => new Float32Array(count).fill(1);
