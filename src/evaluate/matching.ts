// Which detection found which truth: one-to-one, greedily by score, within one image and one category. The rule is COCO's
// (https://github.com/cocodataset/cocoapi, PythonAPI/pycocotools/cocoeval.py, evaluateImg) without its limit of
// detections per image. Boxes are pixels, x1 y1 x2 y2.

import { area, type Box, iou as iouOf } from "../geometry/box.ts";
import { type Detection, type Pairs, pairsOf, rank, type Truth } from "./pairs.ts";

export type { Detection, Truth };

export interface Matching {
  /** Indices of the detections from the highest score to the lowest; equal scores keep the order of the list. */
  readonly ranking: Uint32Array;
  /** Of each detection the index of its truth, or -1. A truth that is not ignored stands here at most once. */
  readonly truthOf: Int32Array;
}

/**
 * Takes the detections by falling score. Each gets, of the truths with its image and category that are still free and
 * overlap it by at least `iou` (in (0, 1], default 0.5), the one that overlaps most; among equals the later in the list.
 * Where there is none, it goes to an ignored truth that covers a part ≥ `iou` of the detection's own area; an ignored
 * truth takes any number of detections.
 *
 * A detection's truth depends only on detections of higher rank: those with score ≥ s match alike whether the others
 * are given or not. Throws a RangeError on a number that is not finite and on an `iou` outside (0, 1].
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

/** Pairs that overlap by `least` or more: by their IoU, and with an ignored truth by the part of the detection that it covers. */
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
  /** 1 for a truth that is not judged: it takes a detection only when no judged one does. */
  readonly neutral: Uint8Array;
  /** 1 for a truth that takes any number of detections. */
  readonly shared: Uint8Array;
}

/** The rule of `match` on pairs that are already known. Gives `truthOf`. */
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
