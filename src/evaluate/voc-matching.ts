// Matches detections with truths by the rule of PASCAL VOC's development kit, as in voc_eval.py of the public code of Faster R-CNN
// and FPN_Tensorflow (https://github.com/DetectionTeamUCAS/FPN_Tensorflow, libs/val_libs/voc_eval.py). It differs from COCO's rule
// in two ways: a detection considers only the truth it overlaps most, and boxes include both end pixels, x2 − x1 + 1 wide.

import { type Box, height, width } from "../geometry/box.ts";
import type { Matching } from "./matching.ts";
import { type Detection, pairsOf, rank, type Truth } from "./pairs.ts";

/**
 * From the highest score down, each detection is compared with the truth of its image and category that overlaps it most (of
 * equals, the first in the list). If the overlap exceeds `iou` (default 0.5; strictly, as in voc_eval.py, while the kit's
 * VOCevaldet.m uses ≥) it has found that truth, unless an earlier one has: then it is wrong, whatever else it overlaps. Neither
 * truths with `ignore` ("difficult") count nor detections that overlap one of them most.
 * Throws a RangeError on numbers that are not finite.
 */
export function matchVoc(truths: readonly Truth[], detections: readonly Detection[], { iou = 0.5 } = {}): Matching {
  const { first, truth, value } = pairsOf(truths, detections, {
    truthSpan: ({ box }) => [box[0], box[2] + 1],
    detectionSpan: ({ box }) => [box[0], box[2] + 1],
    value: (detection, { box }) => {
      const overlap = inclusiveIou(detection.box, box);
      return overlap > iou ? overlap : NaN;
    },
  });
  const ranking = rank(detections);
  const truthOf = new Int32Array(detections.length).fill(-1);
  const found = new Uint8Array(truths.length);
  for (const detection of ranking) {
    let best = -1;
    let most = 0;
    for (let pair = first[detection]; pair < first[detection + 1]; pair++) {
      if (value[pair] < most || (value[pair] === most && truth[pair] > best)) continue;
      best = truth[pair];
      most = value[pair];
    }
    if (best === -1 || found[best] === 1) continue;
    truthOf[detection] = best;
    if (!truths[best].ignore) found[best] = 1;
  }
  return { ranking, truthOf };
}

function inclusiveIou(a: Box, b: Box): number {
  const w = Math.min(a[2], b[2]) - Math.max(a[0], b[0]) + 1;
  const h = Math.min(a[3], b[3]) - Math.max(a[1], b[1]) + 1;
  if (w <= 0 || h <= 0) return 0;
  return (w * h) / (inclusiveArea(a) + inclusiveArea(b) - w * h);
}

const inclusiveArea = (box: Box): number => (width(box) + 1) * (height(box) + 1);
