// F1 by the distance of centres, with the field's radii: 8 µm (ICPR 2012, MITOS-ATYPIA-14) and 7.5 µm (MIDOG) if the microns per
// pixel of every image are known, otherwise 16 pixels, half the side of the 32 × 32 boxes around marked points.

import { type DistanceRule, distances, ignoredOf, matchNear } from "./distance-matching.ts";
import { type Detection, rank, type Truth } from "./pairs.ts";
import { f1Of, type Quality, tally } from "./tally.ts";

export interface DistanceMeasures {
  /** "8 µm", "7.5 µm" or "16 px". */
  readonly rule: string;
  /** Pixels; the mean if images differ in microns per pixel. */
  readonly radius: number;
  /** Of the detections with score ≥ 0.5. */
  readonly f1AtHalf: number;
  /** The highest F1 over all score thresholds ("by-truth": over 0, 0.01 … 1), and the highest threshold that gives it. */
  readonly bestF1: number;
  readonly bestF1Score: number;
}

export interface F1ByDistanceOptions {
  /** All images that were searched. */
  readonly images: readonly { readonly id: number; readonly mpp?: number }[];
  /** Default "by-score". */
  readonly rule?: DistanceRule;
}

const MICRONS = [8, 7.5];
const PIXELS = 16;

/** Counts all images and categories together; one object per radius. Throws a RangeError on numbers that are not finite. */
export function f1ByDistance(
  truths: readonly Truth[],
  detections: readonly Detection[],
  { images, rule = "by-score" }: F1ByDistanceOptions,
): DistanceMeasures[] {
  const mpps = new Map(images.flatMap(({ id, mpp }) => (mpp === undefined ? [] : [[id, mpp]])));
  const inMicrons = images.length > 0 && mpps.size === images.length;
  const radii = inMicrons
    ? MICRONS.map((microns) => ({ name: `${microns} µm`, of: (imageId: number) => microns / mpps.get(imageId)! }))
    : [{ name: `${PIXELS} px`, of: () => PIXELS }];

  const ranking = rank(detections);
  const ignored = ignoredOf(truths);
  const count = ignored.reduce((sum, isIgnored) => sum + 1 - isIgnored, 0);
  return radii.map(({ name, of }) => {
    const pairs = distances(truths, detections, of);
    const f1From = (score: number): number => {
      const below = ranking.findIndex((index) => detections[index].score < score);
      const counted = below === -1 ? ranking : ranking.subarray(0, below);
      const truthOf = matchNear(pairs, { ranking: counted, ignored, rule });
      let [found, wrong] = [0, 0];
      for (const index of counted) {
        if (truthOf[index] === -1) wrong++;
        else if (ignored[truthOf[index]] === 0) found++;
      }
      return f1Of(found, found + wrong, count);
    };
    const best = (): Pick<Quality, "bestF1" | "bestF1Score"> =>
      // Matching by truth depends on which detections count, so every threshold needs its own matching.
      rule === "by-truth"
        ? bestOf(f1From)
        : tally(truths, detections, { ranking, truthOf: matchNear(pairs, { ranking, ignored, rule }) }).all.best();
    const radius = images.length === 0 ? PIXELS : images.reduce((sum, { id }) => sum + of(id), 0) / images.length;
    return { rule: name, radius, f1AtHalf: f1From(0.5), ...best() };
  });
}

function bestOf(f1: (score: number) => number): Pick<Quality, "bestF1" | "bestF1Score"> {
  let [bestF1, bestF1Score] = [0, 0];
  for (let k = 100; k >= 0; k--) {
    const value = f1(k / 100);
    if (value > bestF1) [bestF1, bestF1Score] = [value, k / 100];
  }
  return { bestF1, bestF1Score };
}
