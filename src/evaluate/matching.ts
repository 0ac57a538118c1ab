// Matches detections with truths by IoU: one-to-one, greedily by score, within an image and a category. The rule is COCO's
// (https://github.com/cocodataset/cocoapi, PythonAPI/pycocotools/cocoeval.py, evaluateImg) without its limit on detections
// per image.

import { area, type Box, iou as iouOf } from "../geometry/box.ts";
import { type Detection, type Pairs, pairsOf, rank, type Truth } from "./pairs.ts";

export type { Detection, Truth };

export interface Matching {
  /** The indices of the detections from the highest score to the lowest; equal scores keep the order of the list. */
  readonly ranking: Uint32Array;
  /** For each detection the index of its truth, or -1. A truth that is not ignored occurs at most once. */
  readonly truthOf: Int32Array;
}

/**
 * In order of descending score, each detection gets the free truth of its image and category that overlaps it most, if their IoU
 * is at least `iou` (in (0, 1], default 0.5); of equals, the later in the list. Without one, it goes to an ignored truth that
 * covers at least the fraction `iou` of its area; an ignored truth takes any number of detections.
 *
 * A detection's truth depends only on detections with higher scores, so dropping low scores does not change the others' matches.
 * Throws a RangeError on a number that is not finite and on an `iou` outside (0, 1].
 *
 * @example
 * const truth = { imageId: 1, categoryId: 1, box: [10, 10, 42, 42] as const };
 * match([truth], [{ ...truth, score: 0.9 }]).truthOf; // Int32Array [0]
 */
export function match(truths: readonly Truth[], detections: readonly Detection[], options: { iou?: number } = {}): Matching {
  const { iou = 0.5 } = options;
  return matchOverlaps(truths, detections, { pairs: overlaps(truths, detections, iou), iou });
}

/** `match` on pairs that are already known: all that overlap by `iou` or more, and perhaps others. */
export function matchOverlaps(
  truths: readonly Truth[],
  detections: readonly Detection[],
  { pairs, iou }: { pairs: Pairs; iou: number },
): Matching {
  if (!(iou > 0 && iou <= 1)) throw new RangeError(`match: expected iou in (0, 1], got ${iou}`);
  const ignored = Uint8Array.from(truths, ({ ignore }) => (ignore ? 1 : 0));
  const ranking = rank(detections);
  return { ranking, truthOf: matchPairs(pairs, ranking, { least: iou, neutral: ignored, shared: ignored }) };
}

/** Pairs that overlap by at least `least`: their IoU or, with an ignored truth, the covered fraction of the detection. */
export function overlaps(truths: readonly Truth[], detections: readonly Detection[], least: number): Pairs {
  return pairsOf(truths, detections, {
    truthSpan: ({ box }) => [box[0], box[2]],
    detectionSpan: ({ box }) => [box[0], box[2]],
    value: ({ box }, truth) => {
      if (truth.box[1] >= box[3] || truth.box[3] <= box[1]) return NaN;
      const overlap = truth.ignore ? coveredPart(box, truth.box) : iouOf(box, truth.box);
      return overlap >= least ? overlap : NaN;
    },
  });
}

export interface GreedyOptions {
  /** Pairs with a smaller value do not match. */
  readonly least: number;
  /** 1 for a truth that does not count: it takes a detection only if no other truth does. */
  readonly neutral: Uint8Array;
  /** 1 for a truth that takes any number of detections. */
  readonly shared: Uint8Array;
}

/** The rule of `match` on pairs that are already known. Returns `truthOf`. */
export function matchPairs(pairs: Pairs, ranking: Uint32Array, { least, neutral, shared }: GreedyOptions): Int32Array {
  const { first, truth, value } = pairs;
  const truthOf = new Int32Array(ranking.length).fill(-1);
  const taken = new Uint8Array(neutral.length);
  for (const detection of ranking) {
    let best = -1;
    let most = least;
    for (let pair = first[detection]; pair < first[detection + 1]; pair++) {
      const candidate = truth[pair];
      if (taken[candidate] === 1 || value[pair] < least) continue;
      if (best !== -1) {
        if (neutral[candidate] > neutral[best]) continue;
        if (neutral[candidate] === neutral[best] && (value[pair] < most || (value[pair] === most && candidate < best))) continue;
      }
      best = candidate;
      most = value[pair];
    }
    if (best === -1) continue;
    truthOf[detection] = best;
    if (shared[best] === 0) taken[best] = 1;
  }
  return truthOf;
}

function coveredPart(box: Box, by: Box): number {
  const w = Math.min(box[2], by[2]) - Math.max(box[0], by[0]);
  const h = Math.min(box[3], by[3]) - Math.max(box[1], by[1]);
  return w > 0 && h > 0 ? (w * h) / area(box) : 0;
}
