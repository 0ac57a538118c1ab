// FROC, the free-response curve: the part of the cells that is found against the wrong detections that come with it, per image
// (CAMELYON16 from 1/4 to 8, DigestPath from 1 to 32; dense cells need the upper end) and, where pixels have a size, per mm²
// of image (MONKEY: 10 to 300).

import { ratio, type Tally } from "./tally.ts";

export interface Froc {
  /** Sensitivity at so many false positives an image. */
  readonly points: readonly { readonly falsePositivesPerImage: number; readonly sensitivity: number }[];
  /** Of the points' sensitivities. */
  readonly mean: number;
  /** The same per mm² of image; absent where an image's size or microns per pixel are unknown. */
  readonly perMm2?: {
    readonly points: readonly { readonly falsePositivesPerMm2: number; readonly sensitivity: number }[];
    readonly mean: number;
  };
}

const PER_IMAGE = [1 / 4, 1 / 2, 1, 2, 4, 8, 16, 32];
const PER_MM2 = [10, 20, 50, 100, 200, 300];

/**
 * The sensitivity at a rate of false positives is the highest that a score threshold with at most that rate gives. There is no
 * interpolation between thresholds, and no point beyond the detections that are given: with fewer false positives than a rate
 * allows it is the sensitivity of all. `mm2`: area of all images together, ignored regions included.
 */
export function froc(tally: Tally, { images, mm2 }: { images: number; mm2?: number }): Froc {
  const perImage = PER_IMAGE.map((rate) => ({
    falsePositivesPerImage: rate,
    sensitivity: sensitivityAt(tally, rate * images),
  }));
  const curve = { points: perImage, mean: meanSensitivity(perImage) };
  if (mm2 === undefined) return curve;
  const perMm2 = PER_MM2.map((rate) => ({ falsePositivesPerMm2: rate, sensitivity: sensitivityAt(tally, rate * mm2) }));
  return { ...curve, perMm2: { points: perMm2, mean: meanSensitivity(perMm2) } };
}

function sensitivityAt(tally: Tally, falsePositives: number): number {
  let most = 0;
  tally.forEachThreshold((_, counted, found) => {
    if (counted - found <= falsePositives) most = found;
  });
  return ratio(most, tally.truths);
}

const meanSensitivity = (points: readonly { readonly sensitivity: number }[]): number =>
  points.reduce((sum, { sensitivity }) => sum + sensitivity, 0) / points.length;
