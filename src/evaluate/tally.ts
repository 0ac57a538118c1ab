// Which detections of a matching are right and which are wrong, by descending score: the basis of precision, recall, F1 and
// average precision. Fractions are 0 where they would be 0/0.

import { averagePrecision11 } from "./average-precision.ts";
import type { Detection, Matching, Truth } from "./matching.ts";

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
  /** The number of truths to be found, without ignored ones. */
  readonly truths: number;
  /** The number of all detections. */
  readonly detections: number;
  /** The detections with a score ≥ `score` that found a truth, and those that did not. */
  readonly truePositives: number;
  readonly falsePositives: number;
  /** Truths that no detection with a score ≥ `score` found. */
  readonly falseNegatives: number;
}

/** For the detections with a score ≥ `score`. */
export type Counted = Omit<Quality, "ap11" | "bestF1" | "bestF1Score" | "truths" | "detections">;

export interface Tallies {
  /** All categories together. */
  readonly all: Tally;
  /** Every category with a truth or a detection, in no particular order. */
  readonly byCategory: ReadonlyMap<number, Tally>;
}

export function tally(truths: readonly Truth[], detections: readonly Detection[], { ranking, truthOf }: Matching): Tallies {
  const all = new Tally();
  const byCategory = new Map<number, Tally>();
  const categoryOf = ({ categoryId }: Truth | Detection): Tally => {
    let category = byCategory.get(categoryId);
    if (category === undefined) byCategory.set(categoryId, (category = new Tally()));
    return category;
  };
  for (const truth of truths) {
    const category = categoryOf(truth);
    if (truth.ignore) continue;
    all.truths++;
    category.truths++;
  }
  for (const index of ranking) {
    const detection = detections[index];
    const category = categoryOf(detection);
    all.detections++;
    category.detections++;
    const hit = truthOf[index] !== -1;
    if (hit && truths[truthOf[index]].ignore) continue;
    all.judge(detection.score, hit);
    category.judge(detection.score, hit);
  }
  return { all, byCategory };
}

/**
 * The mean of a measure of hits and truths over the categories with truths; 0 if there are none. `score`: the least score of the
 * detections that count.
 */
export function meanOverCategories(
  { byCategory }: Tallies,
  measure: (hits: readonly boolean[], truths: number) => number,
  { score = -Infinity }: { score?: number } = {},
): number {
  const values = [...byCategory.values()]
    .filter(({ truths }) => truths > 0)
    .map((category) => measure(category.hitsFrom(score), category.truths));
  return ratio(
    values.reduce((sum, value) => sum + value, 0),
    values.length,
  );
}

/** The counts of one category, or of all. */
export class Tally {
  truths = 0;
  detections = 0;
  /** The scores of detections that are right or wrong, descending, and whether each is right. */
  readonly scores: number[] = [];
  readonly hits: boolean[] = [];

  /** Detections are judged from the highest score to the lowest. */
  judge(score: number, hit: boolean): void {
    this.scores.push(score);
    this.hits.push(hit);
  }

  /** Calls `visit` for every threshold that separates detections, from the highest, with the numbers that count and are right. */
  forEachThreshold(visit: (score: number, counted: number, found: number) => void): void {
    let found = 0;
    this.scores.forEach((score, i) => {
      if (this.hits[i]) found++;
      if (score !== this.scores[i + 1]) visit(score, i + 1, found); // no threshold lies between equal scores
    });
  }

  /** The hits of the detections with score ≥ `score`, by descending score. */
  hitsFrom(score: number): readonly boolean[] {
    const end = this.scores.findIndex((lower) => lower < score);
    return end === -1 ? this.hits : this.hits.slice(0, end);
  }

  at(score: number): Counted {
    const hits = this.hitsFrom(score);
    const judged = hits.length;
    const truePositives = hits.reduce((found, hit) => found + Number(hit), 0);
    return {
      recall: ratio(truePositives, this.truths),
      precision: ratio(truePositives, judged),
      f1: f1Of(truePositives, judged, this.truths),
      truePositives,
      falsePositives: judged - truePositives,
      falseNegatives: this.truths - truePositives,
    };
  }

  best(): Pick<Quality, "bestF1" | "bestF1Score"> {
    let [bestF1, bestF1Score] = [0, 0];
    this.forEachThreshold((score, counted, found) => {
      const f1 = f1Of(found, counted, this.truths);
      if (f1 > bestF1) [bestF1, bestF1Score] = [f1, score];
    });
    return { bestF1, bestF1Score };
  }

  quality(score: number): Quality {
    const { truths, detections } = this;
    return { ap11: averagePrecision11(this.hits, truths), ...this.at(score), ...this.best(), truths, detections };
  }
}

/** 2·precision·recall / (precision + recall), in counts. */
export function f1Of(found: number, detections: number, truths: number): number {
  return ratio(2 * found, detections + truths);
}

export function ratio(part: number, whole: number): number {
  return whole === 0 ? 0 : part / whole;
}
