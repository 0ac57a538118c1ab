// Boxes that were found in overlapping windows of one image, as those of the image. Each window answers for its core, the
// rectangle between the middles of what it shares with its neighbours, and a band around it, since two windows may place the
// centre of a cell on the seam on the other's side. Then boxes of different windows that are one cell are suppressed but for the
// best: they overlap, and their centres are close. Two cells that overlap, each found in another window, both stay, as they do in
// one window: on MBM, joined to 3,000 × 3,000 pixels, overlap alone took 10 of 3,934 cells for others at the seams.
//
// A simulation of 226,020 cells on 256 megapixels lost and doubled none by this rule, where cores alone lost 142 and doubled 117,
// and suppression at 0.5 over all windows doubled 6,064 (docs/background/performance.md).

import type { Box } from "./box.ts";
import { firstAtLeast } from "./first-at-least.ts";
import { boxAt } from "./rows.ts";
import type { Core } from "./windows.ts";

/** Pixels of the windows' resolution. */
export const BAND = 4;
/** One cell, seen in two windows: the least IoU of its boxes, and the greatest distance of their centres. */
const LEAST_IOU = 0.3;
export const FARTHEST = 5;

export interface FoundInWindows {
  /** [K, 4], in pixels of the image. */
  readonly boxes: Float32Array | Float64Array;
  /** [K] */
  readonly scores: Float32Array;
  /** [K] */
  readonly labels: Int32Array;
  /** [K]: the number of the window. */
  readonly windows: Int32Array;
}

/** Whether a window with this core keeps a box. */
export const isInBand = ([left, top, right, bottom]: Core, [x1, y1, x2, y2]: Box): boolean => {
  const [x, y] = [(x1 + x2) / 2, (y1 + y2) / 2];
  return x >= left - BAND && x < right + BAND && y >= top - BAND && y < bottom + BAND;
};

/**
 * Indices of the boxes that stay, best first: of two boxes of one class from different windows whose IoU is above 0.3 and whose
 * centres are within 5 pixels, the one with the higher score; of equal scores, the upper, then the left one, so that the order of
 * windows does not matter.
 */
export function mergeWindows(found: FoundInWindows): number[] {
  const { boxes, scores, windows } = found;
  const better = (a: number, b: number): number =>
    scores[b] - scores[a] || boxes[4 * a + 1] - boxes[4 * b + 1] || boxes[4 * a] - boxes[4 * b] || windows[a] - windows[b];
  const order = Array.from({ length: scores.length }, (_, k) => k).sort(better);
  const gone = new Uint8Array(scores.length);
  const kept: number[] = [];
  const twins = new Twins(found);
  for (const a of order) {
    if (gone[a]) continue;
    kept.push(a);
    twins.of(a, (b) => {
      if (!gone[b] && better(a, b) < 0) gone[b] = 1;
    });
  }
  return kept;
}

/** Which boxes are the same cell, seen in different windows. */
export class Twins {
  readonly #found: FoundInWindows;
  readonly #strips: Strips;

  constructor(found: FoundInWindows) {
    this.#found = found;
    this.#strips = new Strips(found.boxes);
  }

  /** Calls `visit` with every twin of box `a`. */
  of(a: number, visit: (b: number) => void): void {
    const { boxes, labels, windows } = this.#found;
    this.#strips.near(a, (b) => {
      if (windows[b] !== windows[a] && labels[b] === labels[a] && isOneCell(boxes, a, b)) visit(b);
    });
  }
}

function isOneCell(boxes: FoundInWindows["boxes"], a: number, b: number): boolean {
  const [ax1, ay1, ax2, ay2] = boxAt(boxes, a);
  const [bx1, by1, bx2, by2] = boxAt(boxes, b);
  const w = Math.min(ax2, bx2) - Math.max(ax1, bx1);
  const h = Math.min(ay2, by2) - Math.max(ay1, by1);
  if (w <= 0 || h <= 0 || Math.hypot(ax1 + ax2 - bx1 - bx2, ay1 + ay2 - by1 - by2) > 2 * FARTHEST) return false;
  return w * h > LEAST_IOU * ((ax2 - ax1) * (ay2 - ay1) + (bx2 - bx1) * (by2 - by1) - w * h);
}

/** Boxes by horizontal strips of their tops, each sorted by left edges. */
class Strips {
  readonly #boxes: FoundInWindows["boxes"];
  readonly #height: number;
  readonly #strips = new Map<number, { members: number[]; lefts: Float64Array }>();
  readonly #widest: number;

  constructor(boxes: FoundInWindows["boxes"]) {
    this.#boxes = boxes;
    const byLeft = Array.from({ length: boxes.length / 4 }, (_, k) => k).sort((a, b) => boxes[4 * a] - boxes[4 * b]);
    let [tallest, widest] = [1, 1];
    for (let k = 0; k < boxes.length; k += 4) {
      tallest = Math.max(tallest, boxes[k + 3] - boxes[k + 1]);
      widest = Math.max(widest, boxes[k + 2] - boxes[k]);
    }
    this.#height = tallest;
    this.#widest = widest;
    const members = new Map<number, number[]>();
    for (const k of byLeft) {
      const strip = Math.floor(boxes[4 * k + 1] / tallest);
      const list = members.get(strip);
      if (list) list.push(k);
      else members.set(strip, [k]);
    }
    for (const [strip, list] of members)
      this.#strips.set(strip, { members: list, lefts: Float64Array.from(list, (k) => boxes[4 * k]) });
  }

  /** Calls `visit` with every box that may overlap box `a`. */
  near(a: number, visit: (b: number) => void): void {
    const [x1, y1, x2] = boxAt(this.#boxes, a);
    const strip = Math.floor(y1 / this.#height);
    for (let s = strip - 1; s <= strip + 1; s++) {
      const found = this.#strips.get(s);
      if (!found) continue;
      for (let i = firstAtLeast(found.lefts, x1 - this.#widest); i < found.lefts.length && found.lefts[i] < x2; i++)
        if (found.members[i] !== a) visit(found.members[i]);
    }
  }
}
