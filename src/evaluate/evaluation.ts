// How good detections are, in the paper's measures (Li et al. 2021, section 4.2): average precision and recall, and with
// them precision and F1. All of them are fractions in [0, 1], and 0 where they would be 0/0; nothing here is ever NaN.

import { averagePrecision11 } from "./average-precision.ts";
import { type Detection, match, type Truth } from "./matching.ts";

export interface EvaluationOptions {
  /** A detection finds a truth when their intersection over union is at least this; in (0, 1], default 0.5. */
  readonly iou?: number;
  /** Recall, precision and F1 count detections with at least this score; default: all that are given. */
  readonly score?: number;
  /** How many images were searched; by default as many as have a truth or a detection. */
  readonly images?: number;
}

export interface Quality {
  /** Eqs (12), (13), over all scores. */
  readonly ap11: number;
  /** truePositives / truths */
  readonly recall: number;
  /** truePositives / (truePositives + falsePositives) */
  readonly precision: number;
  /** The harmonic mean of recall and precision. */
  readonly f1: number;
  /** The highest F1 that a score threshold gives, and the highest threshold that gives it (0 when nothing is found). */
  readonly bestF1: number;
  readonly bestF1Score: number;
  /** Truths to be found; ignored ones are left out. */
  readonly truths: number;
  /** All detections given. */
  readonly detections: number;
  /** Of the detections with a score ≥ `score`: those that found a truth, and those that did not. */
  readonly truePositives: number;
  readonly falsePositives: number;
  /** Truths that no detection with a score ≥ `score` found. */
  readonly falseNegatives: number;
}

export interface CategoryQuality extends Quality {
  readonly categoryId: number;
}

/** `ap11` is the mean over the categories that have truths; the other numbers count all categories together. */
export interface Evaluation extends Quality {
  readonly images: number;
  /** By rising category id; every category that a truth or a detection has. */
  readonly perCategory: readonly CategoryQuality[];
}

/**
 * Compares detections with truths. A detection that went to an ignored truth is neither right nor wrong.
 * Throws a RangeError on a number that is not finite and on an `iou` outside (0, 1].
 */
export function evaluate(
  truths: readonly Truth[],
  detections: readonly Detection[],
  options: EvaluationOptions = {},
): Evaluation {
  const { score = -Infinity } = options;
  const { ranking, truthOf } = match(truths, detections, options);

  const all = new Tally();
  const categories = new Map<number, Tally>();
  const talliesOf = (categoryId: number): Tally[] => {
    const tally = categories.get(categoryId) ?? new Tally();
    categories.set(categoryId, tally);
    return [all, tally];
  };
  const images = new Set<number>();
  for (const truth of truths) {
    images.add(truth.imageId);
    for (const tally of talliesOf(truth.categoryId)) tally.truths += truth.ignore ? 0 : 1;
  }
  for (const index of ranking) {
    const detection = detections[index];
    images.add(detection.imageId);
    for (const tally of talliesOf(detection.categoryId)) {
      tally.detections++;
      if (truthOf[index] === -1) tally.judge(detection.score, false);
      else if (!truths[truthOf[index]].ignore) tally.judge(detection.score, true);
    }
  }

  const perCategory = [...categories]
    .sort(([a], [b]) => a - b)
    .map(([categoryId, tally]) => ({ categoryId, ...tally.quality(score) }));
  const withTruths = perCategory.filter((category) => category.truths > 0);
  const ap11 = ratio(
    withTruths.reduce((sum, category) => sum + category.ap11, 0),
    withTruths.length,
  );
  return { ...all.quality(score), ap11, images: options.images ?? images.size, perCategory };
}

/** Counts of one category, or of all. */
class Tally {
  truths = 0;
  detections = 0;
  /** The detections that are right or wrong, by falling score. */
  readonly #scores: number[] = [];
  readonly #hits: boolean[] = [];

  /** Detections are judged from the highest score to the lowest. */
  judge(score: number, hit: boolean): void {
    this.#scores.push(score);
    this.#hits.push(hit);
  }

  quality(score: number): Quality {
    const { truths, detections } = this;
    const ap11 = averagePrecision11(this.#hits, truths);
    let [truePositives, judged, found, bestF1, bestF1Score] = [0, 0, 0, 0, 0];
    this.#scores.forEach((threshold, i) => {
      if (this.#hits[i]) found++;
      if (threshold === this.#scores[i + 1]) return; // no threshold lies between equal scores
      if (threshold >= score) [truePositives, judged] = [found, i + 1];
      const f1 = f1Of(found, i + 1, truths);
      if (f1 > bestF1) [bestF1, bestF1Score] = [f1, threshold];
    });
    const [recall, precision, f1] = [
      ratio(truePositives, truths),
      ratio(truePositives, judged),
      f1Of(truePositives, judged, truths),
    ];
    const [falsePositives, falseNegatives] = [judged - truePositives, truths - truePositives];
    return {
      ap11,
      recall,
      precision,
      f1,
      bestF1,
      bestF1Score,
      truths,
      detections,
      truePositives,
      falsePositives,
      falseNegatives,
    };
  }
}

/** 2·precision·recall / (precision + recall), in counts. */
function f1Of(found: number, detections: number, truths: number): number {
  return ratio(2 * found, detections + truths);
}

function ratio(part: number, whole: number): number {
  return whole === 0 ? 0 : part / whole;
}
