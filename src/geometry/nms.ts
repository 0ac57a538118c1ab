// Non-maximum suppression: of boxes that overlap, the one with the highest score stays. In plain numbers, because the greedy
// choice is sequential and boxes between the detector's stages are plain numbers anyway.

import { firstAtLeast } from "./first-at-least.ts";

/**
 * boxes [K, 4], scores [K] → indices of the boxes that stay, best first; equal scores keep their order. A box is suppressed when
 * its IoU with a better one that stays is above `threshold`; boxes of different `groups` do not suppress each other.
 */
export function nms(boxes: Float32Array, scores: Float32Array, threshold: number, groups?: Int32Array): number[] {
  const order = Array.from(scores.keys()).sort((a, b) => scores[b] - scores[a] || a - b);
  if (!groups) return suppress(boxes, order, threshold);
  const members = new Map<number, number[]>();
  for (const k of order) {
    const list = members.get(groups[k]);
    if (list) list.push(k);
    else members.set(groups[k], [k]);
  }
  return [...members.values()].flatMap((list) => suppress(boxes, list, threshold)).sort((a, b) => scores[b] - scores[a] || a - b);
}

/**
 * `order`: the boxes to choose from, best first. An IoU above t requires as much overlap along x alone, so a box of width w is
 * compared only with boxes whose left edges lie between w (1 / t - 1) before and w (1 - t) after its left edge.
 */
function suppress(boxes: Float32Array, order: readonly number[], threshold: number): number[] {
  const n = order.length;
  const placeOf = new Uint32Array(n); // of the i-th best box, in order of left edges
  const [x1, y1, x2, y2, areas] = [0, 1, 2, 3, 4].map(() => new Float32Array(n)); // in order of left edges
  const rank = Uint32Array.from(order.keys()).sort((a, b) => boxes[4 * order[a]] - boxes[4 * order[b]]);
  for (let p = 0; p < n; p++) {
    const k = order[rank[p]] * 4;
    placeOf[rank[p]] = p;
    [x1[p], y1[p], x2[p], y2[p]] = [boxes[k], boxes[k + 1], boxes[k + 2], boxes[k + 3]];
    areas[p] = (x2[p] - x1[p]) * (y2[p] - y1[p]);
  }

  const t = threshold / 1.001; // room for rounding
  const kept: number[] = [];
  const gone = new Uint8Array(n);
  for (let i = 0; i < n; i++) {
    const a = placeOf[i];
    if (gone[a]) continue;
    kept.push(order[i]);
    gone[a] = 1;
    const [ax1, ay1, ax2, ay2, area] = [x1[a], y1[a], x2[a], y2[a], areas[a]];
    const last = ax1 + (ax2 - ax1) * (1 - t);
    for (let b = firstAtLeast(x1, ax1 - (ax2 - ax1) * (1 / t - 1)); b < n && x1[b] <= last; b++) {
      if (gone[b]) continue; // suppressed, or kept before a
      const w = Math.min(ax2, x2[b]) - Math.max(ax1, x1[b]);
      if (w <= 0) continue;
      const h = Math.min(ay2, y2[b]) - Math.max(ay1, y1[b]);
      if (h <= 0) continue;
      const intersection = w * h;
      if (intersection > threshold * (area + areas[b] - intersection)) gone[b] = 1;
    }
  }
  return kept;
}
