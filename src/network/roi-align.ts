// RoIAlign (He et al., ICCV 2017, https://arxiv.org/abs/1703.06870) over a feature pyramid, as torchvision's
// MultiScaleRoIAlign computes it (aligned = false, 2×2 samples a bin). R RoIs, C channels, S×S bins.
//
// A level in channels_last is a matrix with one row of C numbers a pixel, and a bin is a weighted sum of such rows:
// 2×2 samples times the 4 pixels around each. So RoIAlign is one product with a sparse matrix, which `embedding_bag`
// computes, with its gradient, on every device.

import { call, cat, Tensor } from "@sparsecell/torch";

const samples = 2;
const perBin = (samples * 2) ** 2;

export interface RoiAlignOptions {
  /** S: bins along each side. */
  readonly size: number;
  /** Of every level: pixels of the level per pixel of the input, 1/4 for P2. */
  readonly scales: readonly number[];
}

/**
 * levels: [N, C, H, W] each; boxes [R, 4] in pixels of the input; images [R]: to which image each box belongs.
 * Returns [R, S·S, C].
 */
export function roiAlign(
  levels: readonly Tensor[],
  boxes: Float32Array,
  images: Int32Array,
  { size, scales }: RoiAlignOptions,
): Tensor {
  const shapes = levels.map((level) => level.shape);
  const rows = cat(levels.map((level, i) => level.permute(0, 2, 3, 1).reshape(-1, shapes[i][1]))); // [ΣNHW, C]
  const starts: number[] = [];
  shapes.reduce((start, [n, , h, w], i) => {
    starts[i] = start;
    return start + n * h * w;
  }, 0);
  const count = boxes.length / 4;
  const indices = new Int32Array(count * size * size * perBin);
  const weights = new Float32Array(indices.length);
  const axisY = newAxis(size);
  const axisX = newAxis(size);
  let k = 0;
  for (let r = 0; r < count; r++) {
    const level = levelOf(boxes, 4 * r, levels.length);
    const [, , height, width] = shapes[level];
    const start = starts[level] + images[r] * height * width;
    fillAxis(axisX, boxes[4 * r] * scales[level], boxes[4 * r + 2] * scales[level], width);
    fillAxis(axisY, boxes[4 * r + 1] * scales[level], boxes[4 * r + 3] * scales[level], height);
    for (let by = 0; by < size; by++)
      for (let bx = 0; bx < size; bx++)
        for (let i = by * samples * 2; i < (by + 1) * samples * 2; i++) {
          const row = start + axisY.pixels[i] * width;
          for (let j = bx * samples * 2; j < (bx + 1) * samples * 2; j++) {
            indices[k] = row + axisX.pixels[j];
            weights[k++] = axisY.weights[i] * axisX.weights[j];
          }
        }
  }
  const offsets = Int32Array.from({ length: count * size * size }, (_, i) => i * perBin);
  const device = rows.device;
  const [pooled] = call("embedding_bag", [
    rows.to("float32"),
    Tensor.from(indices, undefined, { device }),
    Tensor.from(offsets, undefined, { device }),
    false,
    0, // sum
    false,
    Tensor.from(weights, undefined, { device }),
  ]);
  return pooled.reshape(count, size * size, shapes[0][1]);
}

/** The level for a box, from its size: 224 pixels belong on P4 (Lin et al. 2017, Eq. 1). */
function levelOf(boxes: Float32Array, at: number, levels: number): number {
  const side = Math.sqrt((boxes[at + 2] - boxes[at]) * (boxes[at + 3] - boxes[at + 1]));
  const level = Math.floor(4 + Math.log2(side / 224) + 1e-6);
  return Math.min(Math.max(level, 2), levels + 1) - 2 || 0;
}

/** For every sample along one side its two pixels and their weights: [S · samples · 2]. */
interface Axis {
  readonly pixels: Int32Array;
  readonly weights: Float32Array;
}

const newAxis = (size: number): Axis => ({
  pixels: new Int32Array(size * samples * 2),
  weights: new Float32Array(size * samples * 2),
});

/** Linear interpolation at the samples of [from, to] in a row of `extent` pixels; more than one pixel outside counts 0. */
function fillAxis({ pixels, weights }: Axis, from: number, to: number, extent: number): void {
  const count = pixels.length / 2;
  const step = Math.max(to - from, 1) / count;
  for (let s = 0; s < count; s++) {
    const at = from + (s + 0.5) * step;
    const inside = at >= -1 && at <= extent;
    const position = Math.max(at, 0);
    const low = Math.min(Math.floor(position), extent - 1);
    const high = Math.min(low + 1, extent - 1);
    const fraction = position - low; // in the last pixel `high` is the same one, whatever the fraction
    const share = inside ? 1 / samples : 0;
    pixels[2 * s] = inside ? low : 0;
    pixels[2 * s + 1] = inside ? high : 0;
    weights[2 * s] = (1 - fraction) * share;
    weights[2 * s + 1] = fraction * share;
  }
}
