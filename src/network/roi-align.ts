// RoIAlign (He et al., ICCV 2017, https://arxiv.org/abs/1703.06870) over a feature pyramid, as torchvision's
// MultiScaleRoIAlign computes it (aligned = false, 2×2 samples a bin). R RoIs, C channels, S×S bins.
//
// A level in channels_last is a matrix with one row of C numbers a pixel, and a bin is a weighted sum of such rows:
// 2×2 samples times the 4 pixels around each. So RoIAlign is one product with a sparse matrix, which `embedding_bag`
// computes, with its gradient, on every device.
//
// A small RoI has bins that are smaller than a pixel, so that their samples share pixels. `merged` adds the weights of those that
// do: the same sums in another order, of a third of the numbers for RoIs of 20 pixels on P2.

import { call, cat, Tensor } from "@sparsecell/torch";

const samples = 2;
const perSide = samples * 2;
const perBin = perSide ** 2;

export interface RoiAlignOptions {
  /** S: bins along each side. */
  readonly size: number;
  /** Of every level: pixels of the level per pixel of the input, 1/4 for P2. */
  readonly scales: readonly number[];
  /** Take each pixel of a bin once: faster, and rounded otherwise. */
  readonly merged?: boolean;
}

/** What RoIs are pooled from: the rows of all levels, which any number of them can share. */
export interface PyramidRows {
  /** [ΣNHW, C] in float32 */
  readonly rows: Tensor;
  readonly levels: readonly { readonly start: number; readonly height: number; readonly width: number }[];
}

/** levels: [N, C, H, W] each. */
export function pyramidRows(levels: readonly Tensor[]): PyramidRows {
  const shapes = levels.map((level) => level.shape);
  let next = 0;
  const places = shapes.map(([n, , height, width]) => {
    const start = next;
    next += n * height * width;
    return { start, height, width };
  });
  const rows = cat(levels.map((level, i) => level.permute(0, 2, 3, 1).reshape(-1, shapes[i][1])));
  return { rows: rows.to("float32"), levels: places };
}

/**
 * levels: [N, C, H, W] each; boxes [R, 4] in pixels of the input; images [R]: to which image each box belongs.
 * Returns [R, S·S, C].
 */
export const roiAlign = (levels: readonly Tensor[], boxes: Float32Array, images: Int32Array, options: RoiAlignOptions): Tensor =>
  pooled(pyramidRows(levels), boxes, images, options);

/** As `roiAlign`, of levels whose rows are there. */
export function pooled(
  { rows, levels }: PyramidRows,
  boxes: Float32Array,
  images: Int32Array,
  { size, scales, merged = false }: RoiAlignOptions,
): Tensor {
  const count = boxes.length / 4;
  const indices = new Int32Array(count * size * size * perBin);
  const weights = new Float32Array(indices.length);
  const offsets = new Int32Array(count * size * size);
  const axisY = newAxis(size);
  const axisX = newAxis(size);
  let [k, bin] = [0, 0];
  for (let r = 0; r < count; r++) {
    const l = levelOf(boxes, 4 * r, levels.length);
    const { start, height, width } = levels[l];
    const first = start + images[r] * height * width;
    fillAxis(axisX, boxes[4 * r] * scales[l], boxes[4 * r + 2] * scales[l], width);
    fillAxis(axisY, boxes[4 * r + 1] * scales[l], boxes[4 * r + 3] * scales[l], height);
    if (merged) for (const axis of [axisX, axisY]) mergeAxis(axis);
    for (let by = 0; by < size; by++)
      for (let bx = 0; bx < size; bx++) {
        offsets[bin++] = k;
        const [endX, endY] = [bx * perSide + axisX.counts[bx], by * perSide + axisY.counts[by]];
        for (let i = by * perSide; i < endY; i++) {
          const row = first + axisY.pixels[i] * width;
          for (let j = bx * perSide; j < endX; j++) {
            indices[k] = row + axisX.pixels[j];
            weights[k++] = axisY.weights[i] * axisX.weights[j];
          }
        }
      }
  }
  const device = rows.device;
  const [sums] = call("embedding_bag", [
    rows,
    Tensor.from(indices.subarray(0, k), undefined, { device }),
    Tensor.from(offsets, undefined, { device }),
    false,
    0, // sum
    false,
    Tensor.from(weights.subarray(0, k), undefined, { device }),
  ]);
  return sums.reshape(count, size * size, rows.shape[1]);
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
  /** [S]: how many of a bin's pixels and weights count; all, unless merged. */
  readonly counts: Int32Array;
}

const newAxis = (size: number): Axis => ({
  pixels: new Int32Array(size * perSide),
  weights: new Float32Array(size * perSide),
  counts: new Int32Array(size).fill(perSide),
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

/** Each pixel of a bin once, with the sum of its weights: those that are equal are neighbours. */
function mergeAxis({ pixels, weights, counts }: Axis): void {
  for (let bin = 0; bin < counts.length; bin++) {
    const from = bin * perSide;
    let last = from;
    for (let i = from + 1; i < from + perSide; i++)
      if (pixels[i] === pixels[last]) weights[last] += weights[i];
      else {
        last++;
        pixels[last] = pixels[i];
        weights[last] = weights[i];
      }
    counts[bin] = last + 1 - from;
  }
}
