// RoIAlign, forward and backward, on a pyramid of 256 channels.

import { backward, Generator, parameter, randn, scope } from "@sparsecell/torch";
import { roiAlign } from "../network/roi-align.ts";
import { Random } from "../random.ts";
import type { BenchOptions } from "./bench-options.ts";
import { randomBoxes } from "./scene.ts";

const scales = [1 / 4, 1 / 8, 1 / 16, 1 / 32];

export function roiAlignment({ size, rois, dtype, device, channelsLast }: BenchOptions): () => void {
  const generator = new Generator(0);
  const format = channelsLast ? "channels_last" : "contiguous_format";
  const levels = scope(() =>
    scales.map((scale) => {
      const side = Math.ceil(size * scale);
      return parameter(randn([1, 256, side, side], generator).contiguous(format).to(dtype).toDevice(device));
    }),
  );
  const boxes = randomBoxes(rois, size, new Random(0));
  const images = new Int32Array(rois);
  return () =>
    scope(() => {
      backward(roiAlign(levels, boxes, images, { size: 7, scales }).sum());
      for (const level of levels) level.grad = null;
    });
}
