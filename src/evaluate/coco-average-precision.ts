// Average precision by COCO's protocol (https://cocodataset.org/#detection-eval; reference: pycocotools/cocoeval.py at
// https://github.com/cocodataset/cocoapi): the mean over IoU 0.50, 0.55 … 0.95, over categories with truths, and over 101
// recall levels. Boxes are in pixels, with width x2 − x1.

import { area } from "../geometry/box.ts";
import { averagePrecision101 } from "./average-precision.ts";
import { bestDetections } from "./best-detections.ts";
import { matchPairs, overlaps } from "./matching.ts";
import type { Detection, Pairs, Truth } from "./pairs.ts";

export interface CocoAveragePrecision {
  /** Over all IoU levels, and at 0.5 and 0.75. */
  readonly ap: number;
  readonly ap50: number;
  readonly ap75: number;
  /** `ap` by box area: up to 32², 32² to 96², from 96² pixels. Null without truths of that size. */
  readonly byArea: { readonly [size in keyof typeof areas]: number | null };
}

const areas = { small: [0, 32 ** 2], medium: [32 ** 2, 96 ** 2], large: [96 ** 2, Infinity] } as const;
const everyArea = [0, Infinity] as const;

// Exactly the values of numpy's linspace(0.5, 0.95, 10), which COCO's tool compares with.
const levels = Array.from({ length: 10 }, (_, k) => 0.5 + k * ((0.95 - 0.5) / 9));

/**
 * At every level each detection, from the highest score down, takes the free truth of its image and category that overlaps it
 * most, if their IoU reaches the level. Equal scores count by ascending image id, then in the order of the list. Truths with
 * `ignore` are crowds: they match any number of detections, which then do not count. In `byArea`, truths of other sizes do not
 * count, nor do detections matched with them or unmatched detections of other sizes.
 *
 * `maxDetections`: per image and category; default: no limit (COCO's tool: 100). Throws a RangeError on numbers that are not
 * finite.
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

/** The indices of each category's truths, and of its detections in the order of `ranking`. */
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
