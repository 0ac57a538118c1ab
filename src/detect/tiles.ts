// Detection on an image in overlapping tiles. Neighbouring tiles both see a cell on their seam: it is taken from the tile whose
// core holds its centre, the core being the tile without half of what it shares with each neighbour; non-maximum suppression
// removes what two tiles place on different sides of a seam.

import { crop } from "../data/crop.ts";
import type { RgbImage } from "../data/image-file.ts";
import type { Detector, ImageDetections } from "../detector/detector.ts";
import { nms } from "../geometry/nms.ts";
import { slidingWindows, type WindowSize } from "../geometry/windows.ts";

/** The cells of the whole image; an image no larger than a tile is searched as it is. */
export function detectInTiles(detector: Detector, image: RgbImage, tile: WindowSize): ImageDetections {
  const windows = slidingWindows(image, tile);
  const [columns, rows] = [
    cores(
      windows.map(({ x }) => x),
      windows[0].width,
    ),
    cores(
      windows.map(({ y }) => y),
      windows[0].height,
    ),
  ];
  const boxes: number[] = [];
  const labels: number[] = [];
  const scores: number[] = [];
  let [capped, proposalsCapped] = [false, false];
  for (const window of windows) {
    const [found] = detector.detect([crop(image, window)]);
    capped ||= found.capped;
    proposalsCapped ||= found.proposalsCapped;
    const [left, right] = columns.get(window.x) as Core;
    const [top, bottom] = rows.get(window.y) as Core;
    found.scores.forEach((score, k) => {
      const [x1, y1, x2, y2] = found.boxes.subarray(4 * k, 4 * k + 4).map((value, i) => value + (i & 1 ? window.y : window.x));
      const [x, y] = [(x1 + x2) / 2, (y1 + y2) / 2];
      if (x < left || x >= right || y < top || y >= bottom) return;
      boxes.push(x1, y1, x2, y2);
      labels.push(found.labels[k]);
      scores.push(score);
    });
  }
  const all = { boxes: Float32Array.from(boxes), labels: Int32Array.from(labels), scores: Float32Array.from(scores) };
  const kept = nms(all.boxes, all.scores, detector.config.detection.nmsThreshold, all.labels);
  return {
    boxes: Float32Array.from(kept.flatMap((k) => boxes.slice(4 * k, 4 * k + 4))),
    labels: Int32Array.from(kept, (k) => labels[k]),
    scores: Float32Array.from(kept, (k) => scores[k]),
    capped,
    proposalsCapped,
  };
}

type Core = readonly [from: number, to: number];

/** Of windows along one side, by their starts: neighbours part in the middle of what they share. */
function cores(starts: readonly number[], side: number): Map<number, Core> {
  const sorted = [...new Set(starts)].sort((a, b) => a - b);
  const seam = (i: number): number => (sorted[i] + side + sorted[i + 1]) / 2;
  return new Map(
    sorted.map((start, i) => [start, [i === 0 ? -Infinity : seam(i - 1), i === sorted.length - 1 ? Infinity : seam(i)]]),
  );
}
