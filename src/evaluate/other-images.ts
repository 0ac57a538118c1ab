// Whether detections lie on the cells of other images than their ids say: the sign of ids that are those of another file, which
// fit this one by chance.

import { evaluate } from "./evaluation.ts";
import type { Detection, Truth } from "./pairs.ts";

/** Enough to tell; each image of these is compared with all. */
const MOST_GROUPS = 20;
const MOST_COMPARISONS = 10_000;
const MOST_DETECTIONS = 50;

/** So few images that two boxes hardly coincide by chance. */
const FEW_IMAGES = 10;

/**
 * True when most detections of most images lie on the cells of one other image each, and hardly any on those of their own. Boxes
 * have to overlap so well that a poor detector's, which are anywhere, don't.
 */
export function lieOnOtherImages(truths: readonly Truth[], detections: readonly Detection[]): boolean {
  const cells = grouped(truths);
  const groups = [...grouped(detections)]
    .filter(([, found]) => found.length >= (cells.size > FEW_IMAGES ? 3 : 1))
    .slice(0, Math.min(MOST_GROUPS, Math.max(3, MOST_COMPARISONS / cells.size)))
    .map(([imageId, found]) => ({ imageId, best: found.sort((a, b) => b.score - a.score).slice(0, MOST_DETECTIONS) }));
  const of = groups.reduce((sum, { best }) => sum + best.length, 0);
  const own = groups.reduce((sum, { imageId, best }) => sum + coincident(cells.get(imageId) ?? [], best), 0);
  if (of < 2 || own > of / 4) return false;
  let elsewhere = 0;
  const others = new Set<number>();
  for (const { imageId, best } of groups) {
    let most = { count: 0, on: imageId };
    for (const [on, there] of cells) {
      const count = on === imageId ? 0 : coincident(there, best);
      if (count > most.count) most = { count, on };
    }
    elsewhere += most.count;
    if (most.on !== imageId) others.add(most.on);
  }
  return elsewhere >= of / 2 && elsewhere > 4 * own && others.size >= groups.length / 2;
}

function coincident(truths: readonly Truth[], detections: readonly Detection[]): number {
  const { recall } = evaluate(truths.map(anywhere), detections.map(anywhere), { iou: detections.length < 8 ? 0.9 : 0.75 });
  return Math.round(recall * truths.length);
}

const anywhere = <T extends Truth>(item: T): T => ({ ...item, imageId: 0, categoryId: 0, ignore: false });

function grouped<T extends Truth>(items: readonly T[]): Map<number, T[]> {
  const groups = new Map<number, T[]>();
  for (const item of items) {
    const group = groups.get(item.imageId);
    if (group === undefined) groups.set(item.imageId, [item]);
    else group.push(item);
  }
  return groups;
}
