// Which annotated box a candidate is matched with. Plain numbers: G annotated boxes, A anchors, P proposals.
// The result holds an index of an annotated box, or one of the two constants below.

import type { AnchorGrid } from "./anchors.ts";

export const background = -1;
/** Between foreground and background: takes part in no loss. */
export const between = -2;

export interface Matches {
  /** [P] or [A]: the index of the annotated box; or `background` or `between`. */
  readonly matches: Int32Array;
  /** [P] or [A]: the largest IoU with an annotated box. */
  readonly overlaps: Float32Array;
}

/**
 * Proposals [P, 4] to annotated boxes [G, 4]: the one with the largest IoU if that is at least `foregroundIou`,
 * else background.
 */
export function matchProposals(proposals: Float32Array, truths: Float32Array, foregroundIou: number): Matches {
  const matches = new Int32Array(proposals.length / 4).fill(background);
  const overlaps = new Float32Array(matches.length);
  const atLeast = Math.fround(foregroundIou); // as the IoU: in float32, an IoU of exactly 0.7 is 0.7
  for (let p = 0; p < matches.length; p++) {
    for (let g = 0; g < truths.length; g += 4) {
      const overlap = iouAt(proposals, 4 * p, truths, g);
      if (overlap > overlaps[p]) {
        overlaps[p] = overlap;
        if (overlap >= atLeast) matches[p] = g / 4;
      }
    }
  }
  return { matches, overlaps };
}

export interface AnchorMatching {
  readonly foregroundIou: number;
  readonly backgroundIou: number;
}

/**
 * All anchors of a grid to annotated boxes [G, 4] → [A]. At least `foregroundIou`: foreground; below `backgroundIou`:
 * background; and every annotated box makes the anchors that overlap it most (ties together) foreground, however little
 * (torchvision's low-quality matches). An anchor belongs to the box that it overlaps most.
 * Only anchors that touch a box are visited: the grid says where they are.
 */
export function matchAnchors(grid: AnchorGrid, truths: Float32Array, { foregroundIou, backgroundIou }: AnchorMatching): Matches {
  const count = grid.boxes.length / 4;
  const nearest = new Int32Array(count).fill(background);
  const overlaps = new Float32Array(count);
  const best = new Float32Array(truths.length / 4);
  forOverlapping(grid, truths, (a, g, overlap) => {
    if (overlap > overlaps[a]) {
      overlaps[a] = overlap;
      nearest[a] = g;
    }
    if (overlap > best[g]) best[g] = overlap;
  });
  const matches = new Int32Array(count).fill(background);
  const [low, high] = [Math.fround(backgroundIou), Math.fround(foregroundIou)];
  for (let a = 0; a < count; a++) if (overlaps[a] >= low) matches[a] = overlaps[a] >= high ? nearest[a] : between;
  forOverlapping(grid, truths, (a, g, overlap) => {
    if (overlap === best[g]) matches[a] = nearest[a];
  });
  return { matches, overlaps };
}

/** Calls `visit` with every anchor and annotated box that overlap; IoU in float32, so that equal ones compare equal. */
function forOverlapping(
  { levels, boxes }: AnchorGrid,
  truths: Float32Array,
  visit: (anchor: number, truth: number, iou: number) => void,
): void {
  for (let g = 0; g < truths.length; g += 4) {
    const [x1, y1, x2, y2] = truths.subarray(g, g + 4);
    for (const { width, height, strideX, strideY, shapes, start } of levels) {
      const perCell = shapes.length / 4;
      for (let s = 0; s < perCell; s++) {
        const fromX = Math.max(0, Math.floor((x1 - shapes[4 * s + 2]) / strideX));
        const toX = Math.min(width - 1, Math.ceil((x2 - shapes[4 * s]) / strideX));
        const fromY = Math.max(0, Math.floor((y1 - shapes[4 * s + 3]) / strideY));
        const toY = Math.min(height - 1, Math.ceil((y2 - shapes[4 * s + 1]) / strideY));
        for (let y = fromY; y <= toY; y++)
          for (let x = fromX; x <= toX; x++) {
            const a = start + (y * width + x) * perCell + s;
            const overlap = iouAt(boxes, 4 * a, truths, g);
            if (overlap > 0) visit(a, g / 4, overlap);
          }
      }
    }
  }
}

function iouAt(a: Float32Array, i: number, b: Float32Array, j: number): number {
  const w = Math.min(a[i + 2], b[j + 2]) - Math.max(a[i], b[j]);
  const h = Math.min(a[i + 3], b[j + 3]) - Math.max(a[i + 1], b[j + 1]);
  if (w <= 0 || h <= 0) return 0;
  const areaA = (a[i + 2] - a[i]) * (a[i + 3] - a[i + 1]);
  const areaB = (b[j + 2] - b[j]) * (b[j + 3] - b[j + 1]);
  return Math.fround((w * h) / (areaA + areaB - w * h));
}
