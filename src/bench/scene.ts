// The input of measurements: random pixels, and cells of 32 pixels at random places.

import type { RgbImage } from "../data/image-file.ts";
import { Detector } from "../detector/detector.ts";
import type { KnownCells } from "../detector/known-cells.ts";
import type { Random } from "../random.ts";
import { type DetectorConfig, defaultConfig } from "../settings/detector.ts";
import type { BenchOptions } from "./bench-options.ts";

/** Everything trainable, batch normalisation frozen. */
export function randomDetector({ backbone, size, rois, dtype, device, channelsLast }: BenchOptions): Detector {
  const config: DetectorConfig = {
    ...defaultConfig,
    backbone,
    input: { kind: "stretch", size },
    roi: { ...defaultConfig.roi, batchSizePerImage: rois },
  };
  return new Detector(config, { seed: 0, dtype, device, channelsLast });
}

export const randomImage = (size: number, random: Random): RgbImage => ({
  width: size,
  height: size,
  data: Uint8Array.from({ length: 3 * size * size }, () => random.integer(256)),
});

export function randomCells(count: number, size: number, random: Random): KnownCells {
  return { boxes: randomBoxes(count, size, random), labels: new Int32Array(count).fill(1) };
}

/** [count, 4], squares of 32 pixels inside `size` × `size`. */
export function randomBoxes(count: number, size: number, random: Random): Float32Array {
  const side = Math.min(32, size / 2);
  const boxes = new Float32Array(4 * count);
  for (let k = 0; k < boxes.length; k += 4) {
    const [x, y] = [random.uniform(0, size - side), random.uniform(0, size - side)];
    boxes.set([x, y, x + side, y + side], k);
  }
  return boxes;
}
