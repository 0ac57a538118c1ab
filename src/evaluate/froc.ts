// FROC, the free-response curve: the fraction of cells found against the number of false positives per image (CAMELYON16: 1/4 to
// 8, DigestPath: 1 to 32; dense cells need the upper end) and, if the size of pixels is known, per mm² (MONKEY: 10 to 300).

import { ratio, type Tally } from "./tally.ts";

export interface Froc {
  /** Sensitivity at given numbers of false positives per image. */
  readonly points: readonly { readonly falsePositivesPerImage: number; readonly sensitivity: number }[];
  /** The mean sensitivity of the points. */
  readonly mean: number;
  /** The same per mm² of image; absent if the size or the microns per pixel of an image are unknown. */
  readonly perMm2?: {
    readonly points: readonly { readonly falsePositivesPerMm2: number; readonly sensitivity: number }[];
    readonly mean: number;
  };
}

const PER_IMAGE = [1 / 4, 1 / 2, 1, 2, 4, 8, 16, 32];
const PER_MM2 = [10, 20, 50, 100, 200, 300];

/**
 * The sensitivity at a rate of false positives is the highest at any score threshold that does not exceed the rate, without
 * interpolation between thresholds. If all detections together do not reach the rate, it is the sensitivity of all. `mm2`: the
 * area of all images together, including ignored regions.
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
