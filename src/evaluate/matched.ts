// Detections matched with their truths, once: `evaluationOf` and `measuresOf` both read from it.

import { type Detection, type Matching, matchOverlaps, overlaps, type Truth } from "./matching.ts";
import type { Pairs } from "./pairs.ts";
import { type Tallies, tally } from "./tally.ts";

export interface Matched {
  readonly truths: readonly Truth[];
  readonly detections: readonly Detection[];
  /** The least overlap of a match. */
  readonly iou: number;
  /** Every pair that overlaps by `iou` or by 0.5, whichever is less: COCO's levels start at 0.5. */
  readonly pairs: Pairs;
  readonly matching: Matching;
  readonly tallies: Tallies;
}

/**
 * Matches as `match` does. `iou`: in (0, 1], default 0.5. Throws a RangeError on a number that is not finite and on an `iou`
 * outside (0, 1].
 */
export function matched(
  truths: readonly Truth[],
  detections: readonly Detection[],
  { iou = 0.5 }: { iou?: number } = {},
): Matched {
  const pairs = overlaps(truths, detections, Math.min(iou, 0.5));
  const matching = matchOverlaps(truths, detections, { pairs, iou });
  return { truths, detections, iou, pairs, matching, tallies: tally(truths, detections, matching) };
}
