// Non-maximum suppression: of boxes that overlap, the best-scored one stays. Plain numbers: the greedy choice is
// sequential, and between the detector's stages boxes are plain numbers anyway.

/**
 * boxes [K, 4], scores [K] → indices of those that stay, best first; equal scores keep their order.
 * A box goes when its IoU with a better one that stays is above `threshold`; boxes of different `groups` never meet.
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

function suppress(boxes: Float32Array, order: readonly number[], threshold: number): number[] {
  const kept: number[] = [];
  const n = order.length;
  const [x1, y1, x2, y2, areas] = [0, 1, 2, 3, 4].map(() => new Float32Array(n)); // side by side, in order
  for (let i = 0; i < n; i++) {
    const k = order[i] * 4;
    [x1[i], y1[i], x2[i], y2[i]] = [boxes[k], boxes[k + 1], boxes[k + 2], boxes[k + 3]];
    areas[i] = (x2[i] - x1[i]) * (y2[i] - y1[i]);
  }
  const gone = new Uint8Array(n);
  for (let i = 0; i < n; i++) {
    if (gone[i]) continue;
    kept.push(order[i]);
    const [ax1, ay1, ax2, ay2, area] = [x1[i], y1[i], x2[i], y2[i], areas[i]];
    for (let j = i + 1; j < n; j++) {
      const w = Math.min(ax2, x2[j]) - Math.max(ax1, x1[j]);
      if (w <= 0) continue;
      const h = Math.min(ay2, y2[j]) - Math.max(ay1, y1[j]);
      if (h <= 0) continue;
      const intersection = w * h;
      if (intersection > threshold * (area + areas[j] - intersection)) gone[j] = 1;
    }
  }
  return kept;
}
