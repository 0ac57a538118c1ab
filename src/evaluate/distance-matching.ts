// Matches detections with truths by the distance of their centres, as the field's challenges do (ICPR 2012 and MITOS-ATYPIA-14:
// 8 µm; MIDOG: 7.5 µm). A pair is near when its centres are at most the radius apart. If several pairs compete, a rule decides;
// all three rules are in use, and they give different numbers.

import type { Matching } from "./matching.ts";
import { type Detection, type Pairs, pairsOf, rank, type Truth } from "./pairs.ts";

/**
 * - "by-score": from the highest score down, each detection takes the nearest free truth;
 * - "by-truth": in the order of the list, each truth takes the nearest free detection, whatever its score
 *   (MIDOG: score_detection of https://github.com/comic/evalutils);
 * - "maximum": as many pairs as possible (Patherea: https://github.com/patherea/patherea-p2p). Detections are added by score, so
 *   for every s the detections with score ≥ s form as many pairs as possible among themselves.
 */
export type DistanceRule = "by-score" | "by-truth" | "maximum";

export const distanceRules: readonly DistanceRule[] = ["by-score", "by-truth", "maximum"];

export interface DistanceOptions {
  /** In pixels of the image, so that it can be the same number of microns everywhere. */
  readonly radius: (imageId: number) => number;
  /** Default "by-score". */
  readonly rule?: DistanceRule;
}

/**
 * One-to-one within an image and a category. A detection without a truth goes to the nearest ignored truth within the radius,
 * which takes any number. Ties are broken by the order of the list. Throws a RangeError on numbers that are not finite.
 */
export function matchByDistance(
  truths: readonly Truth[],
  detections: readonly Detection[],
  { radius, rule = "by-score" }: DistanceOptions,
): Matching {
  const ranking = rank(detections);
  const ignored = ignoredOf(truths);
  return { ranking, truthOf: matchNear(distances(truths, detections, radius), { ranking, ignored, rule }) };
}

/** All pairs within the radius of their image; their value is the distance of their centres. */
export function distances(
  truths: readonly Truth[],
  detections: readonly Detection[],
  radius: (imageId: number) => number,
): Pairs {
  return pairsOf(truths, detections, {
    truthSpan: (truth) => [middle(truth, 0), middle(truth, 0)],
    detectionSpan: (detection) => {
      const [x, reach] = [middle(detection, 0), radius(detection.imageId)];
      return [x - reach, x + reach];
    },
    value: (detection, truth) => {
      const [dx, dy] = [middle(detection, 0) - middle(truth, 0), middle(detection, 1) - middle(truth, 1)];
      const distance = Math.sqrt(dx * dx + dy * dy); // several times faster than Math.hypot
      return distance <= radius(truth.imageId) ? distance : NaN;
    },
  });
}

/** The rule of `matchByDistance` for the detections in `ranking`, possibly not all. Returns `truthOf`. */
export function matchNear(
  pairs: Pairs,
  { ranking, ignored, rule }: { ranking: Uint32Array; ignored: Uint8Array; rule: DistanceRule },
): Int32Array {
  const truthOf = new Int32Array(pairs.first.length - 1).fill(-1);
  rules[rule](pairs, { ranking, ignored, truthOf });
  for (const detection of ranking)
    if (truthOf[detection] === -1) truthOf[detection] = nearest(pairs, detection, (truth) => ignored[truth] === 1);
  return truthOf;
}

/** 1 for each ignored truth. */
export const ignoredOf = (truths: readonly Truth[]): Uint8Array => Uint8Array.from(truths, ({ ignore }) => (ignore ? 1 : 0));

interface Assignment {
  readonly ranking: Uint32Array;
  readonly ignored: Uint8Array;
  /** Filled in by the rule. */
  readonly truthOf: Int32Array;
}

const rules: { readonly [rule in DistanceRule]: (pairs: Pairs, assignment: Assignment) => void } = {
  "by-score": (pairs, { ranking, ignored, truthOf }) => {
    const taken = Uint8Array.from(ignored);
    for (const detection of ranking) {
      truthOf[detection] = nearest(pairs, detection, (truth) => taken[truth] === 0);
      if (truthOf[detection] !== -1) taken[truthOf[detection]] = 1;
    }
  },

  "by-truth": (pairs, { ranking, ignored, truthOf }) => {
    const free = new Uint8Array(truthOf.length);
    for (const detection of ranking) free[detection] = 1;
    const { first, detection, value } = byTruth(pairs, ignored.length);
    ignored.forEach((isIgnored, truth) => {
      if (isIgnored) return;
      let best = -1;
      for (let pair = first[truth]; pair < first[truth + 1]; pair++)
        if (free[detection[pair]] === 1 && (best === -1 || value[pair] < value[best])) best = pair;
      if (best === -1) return;
      truthOf[detection[best]] = truth;
      free[detection[best]] = 0;
    });
  },

  // Augmenting paths (Berge 1957). A matched detection stays matched, so a search that failed would also fail later.
  maximum: ({ first, truth }, { ranking, ignored, truthOf }) => {
    const owner = new Int32Array(ignored.length).fill(-1);
    const reachedFrom = new Int32Array(ignored.length); // the detection whose pair led to the truth
    const visitedBy = new Int32Array(ignored.length).fill(-1);
    const pathFrom = (start: number): number => {
      const queue = [start];
      for (const detection of queue) {
        for (let pair = first[detection]; pair < first[detection + 1]; pair++) {
          const candidate = truth[pair];
          if (ignored[candidate] === 1 || visitedBy[candidate] === start) continue;
          visitedBy[candidate] = start;
          reachedFrom[candidate] = detection;
          if (owner[candidate] === -1) return candidate;
          queue.push(owner[candidate]);
        }
      }
      return -1;
    };
    for (const detection of ranking) {
      // Back along the path, each detection passes its truth to the one before it.
      for (let free = pathFrom(detection); free !== -1; ) {
        const taker = reachedFrom[free];
        const left = truthOf[taker];
        truthOf[taker] = free;
        owner[free] = taker;
        free = left;
      }
    }
  },
};

/** The truth nearest to a detection, the first of equals; -1 when none may be taken. */
function nearest({ first, truth, value }: Pairs, detection: number, mayTake: (truth: number) => boolean): number {
  let best = -1;
  let least = Infinity;
  for (let pair = first[detection]; pair < first[detection + 1]; pair++) {
    const candidate = truth[pair];
    if (!mayTake(candidate) || value[pair] > least || (value[pair] === least && candidate > best)) continue;
    best = candidate;
    least = value[pair];
  }
  return best;
}

/** The same pairs grouped by truth, with each truth's near detections in the order of the list. */
function byTruth(pairs: Pairs, truths: number): { first: Uint32Array; detection: Uint32Array; value: Float64Array } {
  const first = new Uint32Array(truths + 1);
  for (const truth of pairs.truth) first[truth + 1]++;
  for (let truth = 0; truth < truths; truth++) first[truth + 1] += first[truth];
  const next = first.slice();
  const detection = new Uint32Array(pairs.truth.length);
  const value = new Float64Array(pairs.truth.length);
  for (let d = 0; d + 1 < pairs.first.length; d++) {
    for (let pair = pairs.first[d]; pair < pairs.first[d + 1]; pair++) {
      const at = next[pairs.truth[pair]]++;
      detection[at] = d;
      value[at] = pairs.value[pair];
    }
  }
  return { first, detection, value };
}

const middle = ({ box }: Truth | Detection, axis: 0 | 1): number => (box[axis] + box[axis + 2]) / 2;
