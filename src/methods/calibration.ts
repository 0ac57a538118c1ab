// The seam between the detector and a training method. Given the RoIs sampled from one image, a calibration returns the target
// distribution and the loss weights of each. Everything is plain numbers, so nothing here can carry a gradient.
// R RoIs, C classes, class 0 = background.
//
// This expresses every loss L of the class probabilities p alone: what a softmax learns from is ∂L/∂z, and weighted cross
// entropy has weight · (p − target). A loss f(p_t) of the label's probability, for instance, is the weight −p_t · f′(p_t).

import type { Random } from "../random.ts";

/**
 * The candidates of one image that were sampled for a loss. In the second stage they are RoIs; in the first stage anchors, with
 * C = 2 (background, cell).
 */
export interface Rois {
  /** [R]: the class of the annotated box that an RoI was matched with; 0 when it matched none. */
  readonly labels: Int32Array;
  /** [R, C]: class probabilities. */
  readonly probabilities: Float32Array;
  /** [R, 4]: regressed boxes, x1 y1 x2 y2; in the second stage those of each RoI's most probable foreground class. */
  readonly boxes: Float32Array;
  /** [R, 4]: the boxes before regression: the first stage's proposals, or anchors. */
  readonly proposals: Float32Array;
  /** [R]: the largest IoU of the proposal with an annotated box. */
  readonly overlaps: Float32Array;
  /** [R]: from the proposal to the nearest annotated box, between middles, in sides of that box; Infinity without one. */
  readonly distances: Float32Array;
  /** [R], 0 … 1: the first stage's probability of a cell; 1 for an annotated box that was added to the proposals. */
  readonly objectness: Float32Array;
  /** [R]: 1 where the label is known to be true; the loss there is the plain one, whatever the calibration says. */
  readonly certain: Uint8Array;
  /** [R]: how many candidates of its kind (labelled or not) each stands for: all there were, over those sampled. */
  readonly standsFor: Float32Array;
  /** Only for a calibration that `needsAllProposals`. */
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

/** What a calibration says of the R RoIs of an image. */
export interface Calibrated {
  /** [R, C]: the targets of the classification loss; each row sums to 1. */
  readonly distribution: Float32Array;
  /** [R], at least 0: factor of each RoI's classification loss. */
  readonly classWeight: Float32Array;
  /** [R], at least 0: factor of each foreground RoI's box loss (background has none). */
  readonly boxWeight: Float32Array;
  /** What a calibration with a memory saw on this image. The images of a step are added up, name by name. */
  readonly observed?: NamedArrays;
}

/** Plain arrays by name, always of the same lengths: float64, so that a checkpoint restores them to the same bits. */
export type NamedArrays = { readonly [name: string]: Float64Array };

/** When a calibration is asked. */
export interface StepContext {
  /** Fraction of the training that is done, 0 … 1. */
  readonly progress: number;
  /** Random numbers of this step and image. */
  readonly random: Random;
  /** What the calibration remembers; all images of a step see what it was before the step. Empty without a `memory`. */
  readonly state: NamedArrays;
}

/**
 * What a calibration remembers from step to step. Checkpoints contain it.
 *
 * @example
 * // The number of annotated RoIs so far:
 * const memory: Memory = {
 *   initial: () => ({ annotated: Float64Array.of(0) }),
 *   next: (state, observed) => ({ annotated: Float64Array.of(state.annotated[0] + observed.annotated[0]) }),
 * };
 */
export interface Memory {
  /** Before the first step. `classes`: background included; default 2. */
  initial(classes?: number): NamedArrays;
  /** After a step; `observed`: the sum over both stages and all images of the step. Must return new arrays. */
  next?(state: NamedArrays, observed: NamedArrays): NamedArrays;
  /** After which parts of the training, in (0, 1], it is shown what the detector finds. */
  readonly looks?: readonly number[];
  /** What it remembers once it has seen that. */
  look?(state: NamedArrays, found: Found): NamedArrays;
  /** Numbers for the log of a step, beside its losses: `{ completeness: 0.11 }`. */
  report?(state: NamedArrays): Readonly<Record<string, number>>;
  /** After the last step; `found`: by the trained detector. */
  conclude?(state: NamedArrays, found: Found): Conclusion;
}

/** What a detector finds on the training images, or on a fair part of them, where annotations may be incomplete. */
export interface Found {
  readonly cells: readonly FoundCell[];
  /** Marks there, found or not. */
  readonly marks: number;
}

export interface FoundCell {
  /** Which image it is on. */
  readonly image: number;
  readonly label: number;
  readonly score: number;
  /** Whether it is a marked cell, of whatever class. */
  readonly isMarked: boolean;
  /** To the nearest marked cell other than itself, as in `Rois`. */
  readonly distance: number;
  /** How many it stands for where only a part is searched. */
  readonly weight: number;
}

/** Part of the cells that is marked, and two standard errors on either side. */
export interface Estimate {
  readonly part: number;
  readonly low: number;
  readonly high: number;
}

/** What a calibration makes of a training when all steps are done. */
export interface Conclusion {
  /** One line for people: "about 11 % of the cells are marked (9 to 14)". */
  readonly note: string;
  readonly completeness?: Estimate;
  /** Factor of the odds of every score in the model that is written, so that they are probabilities; 1 changes nothing. */
  readonly scoreOdds: number;
}

/**
 * What a training method is to a loss: plain numbers in, plain numbers out.
 *
 * @example
 * // Background counts half:
 * const half: Calibration = {
 *   name: "half",
 *   label: "FPN + half",
 *   calibrate: (rois) => ({
 *     ...uncalibrated(rois),
 *     classWeight: Float32Array.from(rois.labels, (label) => (label === 0 ? 0.5 : 1)),
 *   }),
 * };
 */
export interface Calibration {
  /** As `--method` takes it, with the options that are not the default: "bde:rpn=true". */
  readonly name: string;
  /** In tables and figures: "FPN + BDE". */
  readonly label: string;
  calibrate(rois: Rois, context: StepContext): Calibrated;
  /** Costs a second pass of the second stage over all proposals, without gradient. */
  readonly needsAllProposals?: boolean;
  /** The same question about the first stage's anchors. Without it the first stage is not calibrated. */
  calibrateAnchors?(anchors: Rois, context: StepContext): Calibrated;
  readonly memory?: Memory;
}

/** Classes of the RoIs, background included; 0 without RoIs. */
export const classesOf = ({ labels, probabilities }: Pick<Rois, "labels" | "probabilities">): number =>
  labels.length === 0 ? 0 : probabilities.length / labels.length;

/**
 * The labels as one-hot rows [R, C]: u of Eq. (2).
 *
 * @example
 * oneHot({ ...rois, labels: Int32Array.of(0, 2), probabilities: new Float32Array(6) }); // 1 0 0 0 0 1
 */
export function oneHot(rois: Rois): Float32Array {
  const distribution = new Float32Array(rois.probabilities.length);
  const classes = classesOf(rois);
  rois.labels.forEach((label, r) => {
    distribution[r * classes + label] = 1;
  });
  return distribution;
}

export const ones = (count: number): Float32Array => new Float32Array(count).fill(1);

/**
 * The plain loss: one-hot targets, all weights 1.
 *
 * @example
 * const lenient = { ...uncalibrated(rois), classWeight: new Float32Array(rois.labels.length).fill(0.5) };
 */
export const uncalibrated = (rois: Rois): Calibrated => ({
  distribution: oneHot(rois),
  classWeight: ones(rois.labels.length),
  boxWeight: ones(rois.labels.length),
});

/** Name by name a sum of all that was observed; empty when nothing was. */
export function sumObserved(observations: readonly (NamedArrays | undefined)[]): NamedArrays {
  const sums: { [name: string]: Float64Array } = {};
  for (const observed of observations)
    for (const [name, values] of Object.entries(observed ?? {})) {
      sums[name] ??= new Float64Array(values.length);
      const sum = sums[name];
      values.forEach((value, i) => (sum[i] += value));
    }
  return sums;
}
