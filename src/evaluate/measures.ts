// All measures of detections in one plain object (JSON). Fractions are in [0, 1], and 0 where they would be 0/0.

import { averagePrecision11, averagePrecisionAllPoints } from "./average-precision.ts";
import { bestDetections } from "./best-detections.ts";
import { type CocoAveragePrecision, cocoOfPairs } from "./coco-average-precision.ts";
import { countErrorOf } from "./count-error.ts";
import type { DistanceRule } from "./distance-matching.ts";
import { type DistanceMeasures, f1ByDistance } from "./f1-by-distance.ts";
import { type Froc, froc } from "./froc.ts";
import { type Matched, matched } from "./matched.ts";
import type { Detection, Truth } from "./matching.ts";
import { type Reliability, reliability } from "./reliability.ts";
import { meanOverCategories, tally } from "./tally.ts";
import { type CountsByThreshold, countsByThreshold } from "./threshold.ts";
import { matchVoc } from "./voc-matching.ts";

export type { DistanceMeasures, Froc, Reliability };

export interface Measures {
  readonly images: number;
  readonly truths: number;
  readonly detections: number;
  /** The limit on detections per image and category; null without one. */
  readonly maxDetections: number | null;
  /** Average precision over all detections: 11 levels (Eqs 12, 13), VOC's all points, COCO's at IoU 0.5 and over 0.50:0.05:0.95. */
  readonly ap11: number;
  readonly apVoc: number;
  readonly apCoco50: number;
  readonly apCoco: number;
  /** 11 levels as in `ap11`, with VOC's matching as in `apVoc`. */
  readonly apVoc11: number;
  /** COCO's AP over 0.50:0.05:0.95 by box area; null without truths of that size. */
  readonly apCocoByArea: CocoAveragePrecision["byArea"];
  /** Over all detections. */
  readonly recall: number;
  readonly bestF1: number;
  readonly bestF1Score: number;
  /** `ap11` of only the detections with score ≥ 0.5. */
  readonly ap11AtHalf: number;
  /** At scores 0.05, 0.3, 0.5, 0.6. */
  readonly atScore: readonly ScoreMeasures[];
  /** [true positives, false positives] at every threshold 0, 0.01 … 1, for thresholds chosen elsewhere. */
  readonly byThreshold: CountsByThreshold;
  /** The matching rule of `byDistance`. */
  readonly distanceRule: DistanceRule;
  /** F1 by distance of centres, one object per radius. */
  readonly byDistance: readonly DistanceMeasures[];
  readonly froc: Froc;
  readonly reliability: Reliability;
}

export interface ScoreMeasures {
  readonly score: number;
  readonly recall: number;
  readonly precision: number;
  readonly f1: number;
  readonly found: number;
  readonly wrong: number;
  /** Mean over the images of |detections − truths|, and of detections − truths. */
  readonly countError: number;
  readonly countBias: number;
}

/** An image that was searched. Its size and microns per pixel are used for FROC per mm² and for distances in µm. */
export interface MeasuredImage {
  readonly id: number;
  readonly width: number | null;
  readonly height: number | null;
  readonly mpp?: number;
}

export interface MeasureOptions {
  /** All images that were searched, including those without a truth or a detection. */
  readonly images: readonly MeasuredImage[];
  /** For all measures but COCO's and those by distance; in (0, 1], default 0.5. */
  readonly iou?: number;
  /** The number of detections that count per image and category; default: all. */
  readonly maxDetections?: number;
  /** Default "by-score". */
  readonly distanceRule?: DistanceRule;
}

const SCORES = [0.05, 0.3, 0.5, 0.6];

/**
 * Measures detections against truths, matched by `match`, or by `matchVoc` for `apVoc` and `apVoc11`. Average precisions are means
 * over the categories with truths; the other numbers count all categories together. For a dataset with regions, pass the results
 * of `truthsOf` and `judged`.
 *
 * Throws a RangeError on numbers that are not finite, scores outside [0, 1], an `iou` outside (0, 1], and a truth or a detection
 * whose image is not in `images`.
 */
export function measure(truths: readonly Truth[], detections: readonly Detection[], options: MeasureOptions): Measures {
  const { maxDetections, iou } = options;
  const kept = maxDetections === undefined ? detections : bestDetections(detections, maxDetections);
  return measuresOf(matched(truths, kept, { iou }), options);
}

/** The same of detections that are already matched, and limited to `maxDetections`, which is only recorded here. */
export function measuresOf(
  matches: Matched,
  { images, maxDetections, distanceRule = "by-score" }: Omit<MeasureOptions, "iou">,
): Measures {
  const { truths, detections, iou, pairs, tallies } = matches;
  checkPlaces(images, truths, detections);
  const { all } = tallies;
  const voc = tally(truths, detections, matchVoc(truths, detections, { iou }));
  const coco = cocoOfPairs(truths, detections, pairs);
  return {
    images: images.length,
    truths: all.truths,
    detections: all.detections,
    maxDetections: maxDetections ?? null,
    ap11: meanOverCategories(tallies, averagePrecision11),
    apVoc: meanOverCategories(voc, averagePrecisionAllPoints),
    apCoco50: coco.ap50,
    apCoco: coco.ap,
    apVoc11: meanOverCategories(voc, averagePrecision11),
    apCocoByArea: coco.byArea,
    recall: all.at(-Infinity).recall,
    ...all.best(),
    ap11AtHalf: meanOverCategories(tallies, averagePrecision11, { score: 0.5 }),
    atScore: SCORES.map((score) => atScore(matches, score, images.length)),
    byThreshold: countsByThreshold(all),
    distanceRule,
    byDistance: f1ByDistance(truths, detections, { images, rule: distanceRule }),
    froc: froc(all, { images: images.length, mm2: areaInMm2(images) }),
    reliability: reliability(all),
  };
}

function atScore({ truths, detections, matching, tallies }: Matched, score: number, images: number): ScoreMeasures {
  const { recall, precision, f1, truePositives: found, falsePositives: wrong } = tallies.all.at(score);
  return { score, recall, precision, f1, found, wrong, ...countErrorOf(truths, detections, { matching, score, images }) };
}

function areaInMm2(images: readonly MeasuredImage[]): number | undefined {
  let microns2 = 0;
  for (const { width, height, mpp } of images) {
    if (width === null || height === null || mpp === undefined) return undefined;
    microns2 += width * height * mpp ** 2;
  }
  return images.length === 0 ? undefined : microns2 / 1e6;
}

function checkPlaces(images: readonly MeasuredImage[], truths: readonly Truth[], detections: readonly Detection[]): void {
  const known = new Set(images.map(({ id }) => id));
  const check = (what: string, imageId: number, index: number) => {
    if (!known.has(imageId))
      throw new RangeError(`measure: ${what} ${index} is on image ${imageId}, which is not among the images`);
  };
  truths.forEach(({ imageId }, index) => check("truth", imageId, index));
  detections.forEach(({ imageId, score }, index) => {
    check("detection", imageId, index);
    if (!(score >= 0 && score <= 1))
      throw new RangeError(`measure: expected scores in [0, 1], got ${score} of detection ${index}`);
  });
}
