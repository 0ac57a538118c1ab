// Average precision by COCO's protocol (https://cocodataset.org/#detection-eval; reference: pycocotools/cocoeval.py at
// https://github.com/cocodataset/cocoapi): the mean over IoU 0.50, 0.55 … 0.95, over categories that have truths, and over 101
// recall levels. Boxes are pixels, their widths x2 − x1.

import { area } from "../geometry/box.ts";
import { averagePrecision101 } from "./average-precision.ts";
import { bestDetections } from "./best-detections.ts";
import { matchPairs, overlaps } from "./matching.ts";
import type { Detection, Pairs, Truth } from "./pairs.ts";

export interface CocoAveragePrecision {
  /** Over all IoU levels, and at 0.5 and 0.75 only. */
  readonly ap: number;
  readonly ap50: number;
  readonly ap75: number;
  /** `ap` for cells of one size: box areas to 32², 32² to 96², from 96² pixels on. Null without truths of the size. */
  readonly byArea: { readonly [size in keyof typeof areas]: number | null };
}

const areas = { small: [0, 32 ** 2], medium: [32 ** 2, 96 ** 2], large: [96 ** 2, Infinity] } as const;
const everyArea = [0, Infinity] as const;

// These very sums are numpy's linspace(0.5, 0.95, 10), with which COCO's tool compares.
const levels = Array.from({ length: 10 }, (_, k) => 0.5 + k * ((0.95 - 0.5) / 9));

/**
 * At every level each detection, from the highest score on, takes of the still free truths of its image and category the one
 * that overlaps it most, if by the level or more. Equal scores count by rising image id, then in the order of the
 * list. Truths with `ignore` are crowds: they cover any number of detections, which then are not judged. In `byArea`, truths of
 * other sizes are not judged, nor are what found them and unmatched detections of other sizes.
 *
 * `maxDetections`: per image and category; default none, where COCO's tool takes 100. Throws a RangeError on numbers that are
 * not finite.
 */
export function cocoAveragePrecision(
  truths: readonly Truth[],
  detections: readonly Detection[],
  { maxDetections = Infinity }: { maxDetections?: number } = {},
): CocoAveragePrecision {
  const kept = maxDetections === Infinity ? detections : bestDetections(detections, maxDetections);
  return cocoOfPairs(truths, kept, overlaps(truths, kept, levels[0]));
}

/** The same from `pairs` that are already known: all that overlap by 0.5 or more, and perhaps others. */
export function cocoOfPairs(truths: readonly Truth[], detections: readonly Detection[], pairs: Pairs): CocoAveragePrecision {
  const ranking = Uint32Array.from(detections.keys()).sort(
    (a, b) => detections[b].score - detections[a].score || detections[a].imageId - detections[b].imageId || a - b,
  );
  const shared = Uint8Array.from(truths, ({ ignore }) => (ignore ? 1 : 0));
  const categories = byCategory(truths, detections, ranking);

  const atLevels = ([from, to]: readonly [from: number, to: number]): number[] | null => {
    const isOther = ({ box }: Truth | Detection) => area(box) < from || area(box) > to;
    const neutral = Uint8Array.from(truths, (truth) => (truth.ignore || isOther(truth) ? 1 : 0));
    const other = Uint8Array.from(detections, (detection) => (isOther(detection) ? 1 : 0));
    const judged = categories
      .map((category) => ({ ...category, count: category.truths.filter((truth) => neutral[truth] === 0).length }))
      .filter(({ count }) => count > 0);
    if (judged.length === 0) return null;
    return levels.map((level) => {
      const truthOf = matchPairs(pairs, ranking, { least: level, neutral, shared });
      return mean(
        judged.map(({ ranking: ranked, count }) => {
          const hits: boolean[] = [];
          for (const index of ranked) {
            const truth = truthOf[index];
            if (truth === -1 ? other[index] === 0 : neutral[truth] === 0) hits.push(truth !== -1);
          }
          return averagePrecision101(hits, count);
        }),
      );
    });
  };

  const all = atLevels(everyArea) ?? levels.map(() => 0);
  const ofSize = (size: keyof typeof areas): number | null => {
    const values = atLevels(areas[size]);
    return values && mean(values);
  };
  return {
    ap: mean(all),
    ap50: all[0],
    ap75: all[5],
    byArea: { small: ofSize("small"), medium: ofSize("medium"), large: ofSize("large") },
  };
}

/** Indices of each category's truths, and of its detections as in `ranking`. */
function byCategory(
  truths: readonly Truth[],
  detections: readonly Detection[],
  ranking: Uint32Array,
): { readonly truths: readonly number[]; readonly ranking: readonly number[] }[] {
  const categories = new Map<number, { truths: number[]; ranking: number[] }>();
  truths.forEach(({ categoryId }, index) => {
    if (!categories.has(categoryId)) categories.set(categoryId, { truths: [], ranking: [] });
    categories.get(categoryId)!.truths.push(index);
  });
  for (const index of ranking) categories.get(detections[index].categoryId)?.ranking.push(index);
  return [...categories.values()];
}

const mean = (values: readonly number[]): number => values.reduce((sum, value) => sum + value, 0) / values.length;
