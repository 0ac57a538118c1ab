// How a calibration is asked about the sampled candidates of a batch, in both stages: image by image; numbers that are not
// finite are divergence; a label that is certain keeps the plain loss.

import { joined } from "../geometry/rows.ts";
import {
  type Calibrated,
  type Calibration,
  classesOf,
  type NamedArrays,
  type Rois,
  type StepContext,
  uncalibrated,
} from "../methods/calibration.ts";
import type { RandomFor } from "../random.ts";
import { DivergedError } from "./diverged-error.ts";

/** What a loss needs beside images and known cells. */
export interface LossOptions {
  readonly calibration: Calibration;
  /** Fraction of the training that is done, 0 … 1. */
  readonly progress: number;
  /** Random numbers of each image of the batch: for sampling, and then for the calibration. */
  readonly random: RandomFor;
  /** What the calibration remembers; default: what it begins with. */
  readonly state?: NamedArrays;
}

/** What a calibration was asked about one image, and what it said. */
export interface CalibratedImage {
  readonly rois: Rois;
  readonly calibrated: Calibrated;
}

/** Of each image what the calibration sees, and its context. */
export interface Question {
  readonly rois: Rois;
  readonly context: StepContext;
}

/** `stage`: what a DivergedError names. */
export function askCalibration(
  calibrate: Calibration["calibrate"],
  questions: readonly Question[],
  stage: "first" | "second",
): CalibratedImage[] {
  return questions.map(({ rois, context }) => {
    if (![rois.boxes, rois.probabilities, rois.all?.boxes].every((numbers) => numbers?.every(Number.isFinite) ?? true))
      throw new DivergedError(`the ${stage} stage's boxes or scores are not finite`);
    return { rois, calibrated: keepCertainLabels(calibrate(rois, context), rois) };
  });
}

/** What was said of all images, one after another. */
export const joinCalibrated = (images: readonly CalibratedImage[]): Omit<Calibrated, "observed"> => ({
  distribution: joined(images.map(({ calibrated }) => calibrated.distribution)),
  classWeight: joined(images.map(({ calibrated }) => calibrated.classWeight)),
  boxWeight: joined(images.map(({ calibrated }) => calibrated.boxWeight)),
});

function keepCertainLabels(calibrated: Calibrated, rois: Rois): Calibrated {
  const { certain } = rois;
  if (!certain.includes(1)) return calibrated;
  const plain = uncalibrated(rois);
  const classes = classesOf(rois);
  const choose = (values: Float32Array, plainValues: Float32Array, width: number): Float32Array =>
    values.map((value, i) => (certain[Math.floor(i / width)] ? plainValues[i] : value));
  return {
    ...calibrated,
    distribution: choose(calibrated.distribution, plain.distribution, classes),
    classWeight: choose(calibrated.classWeight, plain.classWeight, 1),
    boxWeight: choose(calibrated.boxWeight, plain.boxWeight, 1),
  };
}
