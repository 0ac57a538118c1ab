// Anchors chosen from the data: the smallest level gets the size that the boxes have, so that anchors reach IoU 0.7 with
// them. (With the usual smallest anchor of 32 pixels, a 15-pixel cell reaches 0.22 at best.)

import type { Box } from "../geometry/box.ts";
import { height, width } from "../geometry/box.ts";
import { pyramidLevels } from "../network/fpn.ts";
import type { AnchorConfig } from "../settings/detector.ts";

const quantile = (sorted: readonly number[], q: number): number =>
  sorted[Math.min(sorted.length - 1, Math.floor(q * sorted.length))];

/**
 * P2 gets the 10 % quantile of √area, every further level twice the size of the one before. Where the boxes spread over
 * more than a quarter in size, a second size √2 above stands between two levels. Aspect ratios (height / width): the
 * 10 %, 50 % and 90 % quantiles, those within a quarter of each other counted once.
 * `boxes` are in pixels of the network's input. Throws a RangeError without boxes.
 *
 * @example
 * chooseAnchors([[0, 0, 24, 24]]).sizes; // [[24], [48], [96], [192], [384]]
 */
export function chooseAnchors(boxes: readonly Box[]): AnchorConfig {
  if (boxes.length === 0) throw new RangeError("chooseAnchors: expected at least one box, got none");
  const sizes = boxes.map((box) => Math.sqrt(width(box) * height(box))).sort((a, b) => a - b);
  const ratios = boxes.map((box) => height(box) / width(box)).sort((a, b) => a - b);
  const smallest = Math.max(4, Math.round(quantile(sizes, 0.1)));
  const spread = quantile(sizes, 0.9) / quantile(sizes, 0.1) > 1.25;
  const aspectRatios: number[] = [];
  for (const q of [0.5, 0.1, 0.9]) {
    const ratio = Number(quantile(ratios, q).toFixed(2));
    if (aspectRatios.every((other) => Math.max(ratio / other, other / ratio) > 1.25)) aspectRatios.push(ratio);
  }
  const level = (i: number): number[] =>
    spread ? [smallest * 2 ** i, Math.round(smallest * 2 ** (i + 0.5))] : [smallest * 2 ** i];
  return { sizes: Array.from({ length: pyramidLevels }, (_, i) => level(i)), aspectRatios: aspectRatios.sort((a, b) => a - b) };
}
