// Which detection found which truth: one-to-one, greedily by score, within one image and one category. The rule is COCO's
// (https://github.com/cocodataset/cocoapi, PythonAPI/pycocotools/cocoeval.py, evaluateImg) without its limit of
// detections per image. Boxes are pixels, x1 y1 x2 y2.

import { area, type Box, iou as iouOf, width } from "../data/boxes.ts";
import type { Detection } from "../data/coco-evaluation.ts";

export type { Detection };

export interface Truth {
  readonly imageId: number;
  readonly categoryId: number;
  readonly box: Box;
  /** COCO's `iscrowd`, VOC's `difficult`: is not judged. It need not be found, and what is found there is not wrong. */
  readonly ignore?: boolean;
}

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
  if (!(iou > 0 && iou <= 1)) throw new RangeError(`match: expected iou in (0, 1], got ${iou}`);
  assertFinite("truth", truths);
  assertFinite("detection", detections);

  const regions = new Map<number, Map<number, Region>>(); // by image, then by category
  const regionOf = ({ imageId, categoryId }: Truth | Detection): Region =>
    entry(
      entry(regions, imageId, () => new Map()),
      categoryId,
      () => ({ counted: [], ignored: [], detections: [] }),
    );
  truths.forEach((truth, index) => {
    regionOf(truth)[truth.ignore ? "ignored" : "counted"].push(index);
  });
  const ranking = rank(detections);
  for (const index of ranking) regionOf(detections[index]).detections.push(index);

  const truthOf = new Int32Array(detections.length).fill(-1);
  for (const categories of regions.values()) {
    for (const region of categories.values()) matchRegion(region, truths, detections, iou, truthOf);
  }
  return { ranking, truthOf };
}

/** What meets in one image and category, as indices; the detections by falling score. */
interface Region {
  readonly counted: number[];
  readonly ignored: number[];
  readonly detections: number[];
}

function matchRegion(
  region: Region,
  truths: readonly Truth[],
  detections: readonly Detection[],
  threshold: number,
  truthOf: Int32Array,
): void {
  // Truths by x1: a box meets only those that start less than the widest one to the left of it, and before its right edge.
  const counted = region.counted.sort((a, b) => truths[a].box[0] - truths[b].box[0]);
  const edges = (side: number) => Float64Array.from(counted, (index) => truths[index].box[side]);
  const [x1, y1, y2] = [edges(0), edges(1), edges(3)]; // lie together in memory, as the boxes themselves do not
  const widest = counted.reduce((most, index) => Math.max(most, width(truths[index].box)), 0);
  const free = new Uint8Array(counted.length).fill(1);

  for (const detection of region.detections) {
    const { box } = detections[detection];
    let best = -1;
    let most = threshold;
    for (let i = firstAtLeast(x1, box[0] - widest); i < x1.length && x1[i] < box[2]; i++) {
      if (free[i] === 0 || y1[i] >= box[3] || y2[i] <= box[1]) continue;
      const overlap = iouOf(box, truths[counted[i]].box);
      if (overlap < most || (overlap === most && best !== -1 && counted[i] < counted[best])) continue;
      most = overlap;
      best = i;
    }
    if (best === -1) {
      truthOf[detection] = mostCovering(box, region.ignored, truths, threshold);
    } else {
      truthOf[detection] = counted[best];
      free[best] = 0;
    }
  }
}

function mostCovering(box: Box, ignored: readonly number[], truths: readonly Truth[], threshold: number): number {
  let best = -1;
  let most = threshold;
  for (const index of ignored) {
    const covered = coveredPart(box, truths[index].box);
    if (covered < most) continue;
    most = covered;
    best = index;
  }
  return best;
}

function coveredPart(box: Box, by: Box): number {
  const w = Math.min(box[2], by[2]) - Math.max(box[0], by[0]);
  const h = Math.min(box[3], by[3]) - Math.max(box[1], by[1]);
  return w > 0 && h > 0 ? (w * h) / area(box) : 0;
}

function rank(detections: readonly Detection[]): Uint32Array {
  const scores = Float64Array.from(detections, (detection) => detection.score);
  return Uint32Array.from(scores.keys()).sort((a, b) => scores[b] - scores[a] || a - b);
}

/** The first place of the rising `values` with a value ≥ `least`, their number where there is none. */
function firstAtLeast(values: Float64Array, least: number): number {
  let low = 0;
  let high = values.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (values[middle] < least) low = middle + 1;
    else high = middle;
  }
  return low;
}

function assertFinite(what: string, items: readonly { readonly box: Box; readonly score?: number }[]): void {
  items.forEach(({ box, score = 0 }, index) => {
    if (box.length === 4 && box.every(Number.isFinite) && Number.isFinite(score)) return;
    throw new RangeError(`match: expected finite numbers, got box [${box}] and score ${score} of ${what} ${index}`);
  });
}

function entry<K, V>(map: Map<K, V>, key: K, make: () => V): V {
  const known = map.get(key);
  if (known !== undefined) return known;
  const made = make();
  map.set(key, made);
  return made;
}
