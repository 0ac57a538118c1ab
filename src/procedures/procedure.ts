// How a training step is made of a detector, a batch and what is known of it: the seam one level above the calibration.
// `plain(calibration)` is one pass of the detector under a calibration, which is all that most methods need. A procedure may also
// add losses, look at a second view of the images, keep a teacher, or act between the backward pass and the optimizer.

import type { Tensor } from "@sparsecell/torch";
import type { RgbImage } from "../data/image-file.ts";
import type { Symmetry } from "../data/loader/symmetry.ts";
import type { Detector } from "../detector/detector.ts";
import type { KnownCells } from "../detector/known-cells.ts";
import { type Calibration, type Conclusion, type Found, type NamedArrays, sumObserved } from "../methods/calibration.ts";
import type { RandomFor } from "../random.ts";
import { passMeans } from "./means.ts";
import { arraysFrom, arrayTensors } from "./state.ts";

/** Images as a step sees them, and what is known of each. */
export interface View {
  readonly images: readonly RgbImage[];
  readonly known: readonly KnownCells[];
  /** How each is turned; `movedTo` takes boxes from one view to another. */
  readonly symmetries: readonly Symmetry[];
}

/** The images of a step. */
export interface TrainingBatch extends View {
  /** File names, relative to the dataset. */
  readonly names: readonly string[];
  /** The same windows, turned and augmented another time; for a procedure that has `secondView`. */
  readonly second?: View;
}

/** Scalars by name; their sum is what the step minimises. The log has one column for each. */
export type NamedLosses = { readonly [part: string]: Tensor };

/** What a procedure is given for a step. */
export interface TrainingStep {
  readonly detector: Detector;
  readonly batch: TrainingBatch;
  /** Counted from 1. */
  readonly step: number;
  /** Fraction of the training that is done, 0 … 1. */
  readonly progress: number;
  /** Random numbers: functions of the seed, the step and the image, so that it does not matter which process computes an image. */
  readonly random: RandomFor;
}

/** A mean over so many things of a batch: anchors, RoIs, features. */
export interface Mean {
  readonly mean: Tensor;
  readonly count: number;
}

/** What a procedure returns for a step. */
export interface StepLosses {
  readonly losses: NamedLosses;
  /**
   * The means that each loss is the sum of (means.ts). Each of several processes has those of its images, and weighs them by its
   * part of the count. Without them a training cannot be shared by processes.
   */
  readonly means?: { readonly [part: string]: readonly Mean[] };
  /** What the step saw for the procedure's state; several processes of one training add theirs up. */
  readonly observed?: NamedArrays;
}

/**
 * How a training step is made. Everything but `losses` is optional.
 *
 * @example
 * // A calibration, and one more loss beside the detector's four:
 * const withPrior = (calibration: Calibration): Procedure => {
 *   const inner = plain(calibration);
 *   return {
 *     ...inner,
 *     losses(step) {
 *       const { losses, observed, means } = inner.losses(step);
 *       const prior = (loss: Tensor): Tensor => loss.mul(0.1);
 *       return {
 *         losses: { ...losses, prior: prior(losses.roiBox) },
 *         observed,
 *         means: means && { ...means, prior: means.roiBox.map(({ mean, count }) => ({ mean: prior(mean), count })) },
 *       };
 *     },
 *   };
 * };
 */
export interface Procedure {
  losses(step: TrainingStep): StepLosses;
  /** Its steps look at `batch.second`. */
  readonly secondView?: boolean;
  /** When all gradients are there, of several processes the sums over all, and none is clipped. */
  afterBackward?(step: TrainingStep): void;
  /** When the optimizer has moved the weights. Not called for a step that is skipped. */
  afterStep?(step: TrainingStep, observed: NamedArrays): void;
  /** After that: numbers of the step for the log that are not losses. */
  report?(): Readonly<Record<string, number>>;
  /** After which parts of the training, in (0, 1], it looks at what the detector finds on training images. */
  readonly looks?: readonly number[];
  look?(found: Found): void;
  /** After the last step, before the model is written; `found`: by the trained detector. */
  conclude?(found: Found): Conclusion;
  /** What it remembers from step to step. Checkpoints contain it. */
  state?(): ReadonlyMap<string, Tensor>;
  /** Restores a state to the same bits. Throws an Error when it is not one of this procedure; nothing is changed then. */
  loadState?(state: ReadonlyMap<string, Tensor>): void;
  /** Releases its tensors. */
  release?(): void;
}

/**
 * A method as a training uses it.
 *
 * @example
 * const { label, procedure } = trainingMethodNamed("mean-teacher:decay=0.99");
 * await runTraining({ dataset: readDataset(config.data), run, config, ...quiet, procedure });
 */
export interface TrainingMethod {
  /** As `--method` takes it, with the options that are not the default. */
  readonly name: string;
  readonly label: string;
  /** Of its passes over images with their annotations; what analyses of a loss look at. */
  readonly calibration: Calibration;
  /** For a training of this detector. */
  procedure(detector: Detector): Procedure;
}

/**
 * One pass of the detector under a calibration, and the calibration's memory. `classes`: background included.
 *
 * @example
 * const procedure = plain(bde({ rpn: true }));
 */
export function plain(calibration: Calibration, { classes = 2 }: { readonly classes?: number } = {}): Procedure {
  const { memory } = calibration;
  let state = memory?.initial(classes) ?? {};
  return {
    losses({ detector, batch, progress, random }) {
      const pass = detector.trainingPass(batch.images, batch.known, { calibration, progress, random, state });
      const observed = sumObserved([...(pass.anchors ?? []), ...pass.rois].map(({ calibrated }) => calibrated.observed));
      return { losses: { ...pass.losses }, observed, means: passMeans(pass) };
    },
    afterStep(_, observed) {
      if (memory?.next) state = memory.next(state, observed);
    },
    report: memory?.report && (() => memory.report?.(state) ?? {}),
    looks: memory?.looks,
    look(found) {
      if (memory?.look) state = memory.look(state, found);
    },
    conclude: memory?.conclude && ((found) => (memory.conclude as NonNullable<typeof memory.conclude>)(state, found)),
    state: () => new Map(arrayTensors("calibration.", state)),
    loadState(tensors) {
      const restored = arraysFrom(tensors, "calibration.", state);
      const expected = Object.keys(restored).length;
      if (tensors.size !== expected) throw new Error(`expected a state of ${expected} arrays, got ${tensors.size}`);
      state = restored;
    },
  };
}
