// Detection on an image in overlapping windows, merged by the rule of geometry/merge-windows.ts. What it takes at once is a
// window's, not the image's.

import { crop } from "../data/crop.ts";
import type { RgbImage } from "../data/image-file.ts";
import type { Detector, ImageDetections } from "../detector/detector.ts";
import type { Box } from "../geometry/box.ts";
import { isInBand, mergeWindows } from "../geometry/merge-windows.ts";
import { boxAt, fromBoxes } from "../geometry/rows.ts";
import type { CoredWindow } from "../geometry/windows.ts";

/** The cells of the whole image. */
export function detectInWindows(detector: Detector, image: RgbImage, windows: readonly CoredWindow[]): ImageDetections {
  if (windows.length === 1) return detector.detect([image])[0];
  const boxes: Box[] = [];
  const labels: number[] = [];
  const scores: number[] = [];
  const origins: number[] = [];
  let [capped, proposalsCapped] = [false, false];
  for (const [w, { window, core }] of windows.entries()) {
    const [found] = detector.detect([crop(image, window)]);
    capped ||= found.capped;
    proposalsCapped ||= found.proposalsCapped;
    found.scores.forEach((score, k) => {
      const [x1, y1, x2, y2] = boxAt(found.boxes, k);
      const box: Box = [x1 + window.x, y1 + window.y, x2 + window.x, y2 + window.y];
      if (!isInBand(core, box)) return;
      boxes.push(box);
      labels.push(found.labels[k]);
      scores.push(score);
      origins.push(w);
    });
  }
  const all = {
    boxes: fromBoxes(boxes),
    labels: Int32Array.from(labels),
    scores: Float32Array.from(scores),
    windows: Int32Array.from(origins),
  };
  const kept = mergeWindows(all);
  return {
    boxes: fromBoxes(kept.map((k) => boxes[k])),
    labels: Int32Array.from(kept, (k) => labels[k]),
    scores: Float32Array.from(kept, (k) => scores[k]),
    capped,
    proposalsCapped,
  };
}
