// How good detections are, judged by held-out marks where most cells have none. Recall of held-out marks is honest then; precision
// is not, for a detection without a mark may be a cell all the same. What can be compared is
//
//   recall² / detections,
//
// which is proportional to precision · recall, because recall = found cells / cells and precision = found cells / detections (Lee
// and Liu, "Learning with positive and unlabeled examples using weighted logistic regression", ICML 2003). It needs marks that are
// a fair sample of the cells, and no completeness. Where the number of cells is known, F1 itself is estimated.
//
// At high scores one lucky mark among few detections would look excellent. Both curves are therefore smoothed by the same kernel,
// which is narrower the more marks are found.

import { logit } from "../logistic.ts";
import { type Detection, match, type Truth } from "./matching.ts";
import { ratio } from "./tally.ts";

export interface HeldOutMarks {
  /** Marks that training has not seen. */
  readonly marks: readonly Truth[];
  /** Marks on the same places that it has seen. They are taken to be found as often as those that are held out. */
  readonly seen?: readonly Truth[];
  /** All detections on the searched places. */
  readonly detections: readonly Detection[];
  /** How many places an image stands for, where only some were searched; default: 1. The same for all images with marks. */
  readonly weightOf?: (imageId: number) => number;
  /** Which part of the cells has a mark, held out or seen, where that is known or estimated: 1 where annotations are complete. */
  readonly completeness?: number;
}

/** The detections with a score of at least `score`. */
export interface HeldOutQuality {
  readonly score: number;
  /** Held-out marks that are found, of all held-out marks. */
  readonly found: number;
  readonly marks: number;
  readonly recall: number;
  /** Smoothed; F1 where the completeness is known, else precision · recall · completeness. */
  readonly measure: number;
}

const STEPS = 100;

/** At scores 0, 0.01 … 0.99. */
export function heldOutQuality(held: HeldOutMarks): HeldOutQuality[] {
  const { marks, seen = [], detections, weightOf = () => 1, completeness = null } = held;
  const { truthOf } = match([...marks, ...seen], detections);
  const hits = detections.filter((_, k) => truthOf[k] >= 0 && truthOf[k] < marks.length).map(({ score }) => score);
  const others = detections.filter((_, k) => truthOf[k] < marks.length);
  const seenWeight = weightOfAll(seen, weightOf);
  const allMarks = weightOfAll(marks, weightOf) + seenWeight;
  const above = kernel(hits);
  const hitLogits = hits.map(scoreLogit);
  const otherLogits = others.map(({ imageId, score }) => ({ weight: weightOf(imageId), logit: scoreLogit(score) }));
  const scores = Array.from({ length: STEPS }, (_, k) => k / STEPS);
  return scores.map((score) => {
    const threshold = scoreLogit(score);
    const found = hits.filter((hit) => hit >= score).length;
    const recall = ratio(
      sum(hitLogits, (hit) => above(hit, threshold)),
      marks.length,
    );
    const counted = sum(otherLogits, (other) => other.weight * above(other.logit, threshold)) + recall * seenWeight;
    const cells = completeness === null ? null : allMarks / completeness;
    const measure = cells === null ? ratio(recall ** 2 * allMarks, counted) : ratio(2 * recall * cells, counted + cells);
    return { score, found, marks: marks.length, recall: ratio(found, marks.length), measure };
  });
}

/** The score with the best measure; of equal ones the lowest. */
export function recommended(qualities: readonly HeldOutQuality[]): HeldOutQuality {
  return qualities.reduce((best, next) => (next.measure > best.measure ? next : best));
}

/**
 * To which part a score counts as one above a threshold: a step, smoothed by a logistic kernel. Both are given as logits. Its width
 * is that of Azzalini for the distribution function of a sample (Biometrika 1981): 1.3 standard deviations · n^(−1/3).
 */
function kernel(sample: readonly number[]): (score: number, threshold: number) => number {
  const n = sample.length;
  const logits = sample.map(scoreLogit);
  const mean = ratio(
    sum(logits, (value) => value),
    n,
  );
  const deviation = n < 2 ? 1 : Math.sqrt(sum(logits, (value) => (value - mean) ** 2) / (n - 1));
  const width = Math.max(NARROWEST, 1.3 * deviation * Math.max(1, n) ** (-1 / 3)) * (Math.sqrt(3) / Math.PI);
  return (score, threshold) => 1 / (1 + Math.exp((threshold - score) / width));
}

const NARROWEST = 0.01;

/** Of scores that are not quite 0 or 1. */
const scoreLogit = (score: number): number => logit(Math.min(Math.max(score, 1e-4), 1 - 1e-4));

const sum = <T>(items: readonly T[], value: (item: T) => number): number => items.reduce((total, item) => total + value(item), 0);
const weightOfAll = (items: readonly Truth[], weightOf: (imageId: number) => number): number =>
  sum(items, ({ imageId }) => weightOf(imageId));
