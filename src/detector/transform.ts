// From images to the network's input and back: values to mean 0 and deviation 1 of ImageNet, size as the settings say,
// several images into one batch. As torchvision's GeneralizedRCNNTransform, with stretching and letterboxes
// added.

import { type Device, type Dtype, type MemoryFormat, pad, stack, Tensor, upsampleBilinear } from "@sparsecell/torch";
import type { RgbImage } from "../data/image-file.ts";
import { coarsestStride, type InputSize } from "../settings/detector.ts";

export const mean = [0.485, 0.456, 0.406];
export const deviation = [0.229, 0.224, 0.225];
/** The coarsest stage is 1/32 of the input; the coarsest level, of which torchvision's sizes need not be a multiple, 1/64. */
export const divisorOf = ({ kind }: InputSize): number => (kind === "resolution" ? coarsestStride : 32);

export type Size = readonly [height: number, width: number];

export interface Batch {
  /** [N, 3, H, W], zeros, which are the mean colour, where an image is smaller than the batch. */
  readonly input: Tensor;
  /** Of each image inside the batch. */
  readonly sizes: readonly Size[];
  /** Of each image as it came. */
  readonly originals: readonly Size[];
}

export interface BatchOptions {
  readonly input: InputSize;
  readonly device: Device;
  readonly dtype: Dtype;
  readonly memoryFormat: MemoryFormat;
}

/** At least one image, as one batch, or as a part of one, the rest of which is `beside`. */
export function toBatch(images: readonly RgbImage[], options: BatchOptions): Batch {
  const originals = images.map((image): Size => [image.height, image.width]);
  const sizes = originals.map((size) => networkSize(size, options.input));
  const beside = images
    .flatMap(({ beside = [] }) => beside)
    .map(({ height, width }) => networkSize([height, width], options.input));
  const all = [...sizes, ...beside];
  const pixels = images.map((image, n) => normalised(image, sizes[n], options));
  const least = options.input.kind === "letterbox" ? options.input.size : 0;
  const divisor = divisorOf(options.input);
  const roundUp = (size: number): number => Math.ceil(size / divisor) * divisor;
  const height = roundUp(Math.max(least, ...all.map(([h]) => h)));
  const width = roundUp(Math.max(least, ...all.map(([, w]) => w)));
  const padded = pixels.map((x, n) => pad(x, [0, width - sizes[n][1], 0, height - sizes[n][0]]));
  const input = padded.length === 1 ? padded[0].unsqueeze(0) : stack(padded);
  return { input: input.to(options.dtype).contiguous(options.memoryFormat), sizes, originals };
}

/**
 * The size that an image gets. A letterbox has one factor for both sides, up to their rounding to whole pixels, which boxes
 * follow. By the shortest edge as torchvision, which computes the factor in float32 and as a product with a reciprocal. What comes
 * at the working resolution stays as it is.
 */
export function networkSize([height, width]: Size, input: InputSize): Size {
  if (input.kind === "resolution") return [height, width];
  if (input.kind === "stretch") return [input.size, input.size];
  if (input.kind !== "shortest-edge") {
    const fitted = (side: number): number => Math.max(1, Math.round((side * input.size) / Math.max(height, width)));
    return [fitted(height), fitted(width)];
  }
  const factor = (wanted: number, size: number): number => Math.fround(Math.fround(1 / size) * wanted);
  const scale = Math.min(factor(input.min, Math.min(height, width)), factor(input.max, Math.max(height, width)));
  return [Math.floor(height * scale), Math.floor(width * scale)];
}

/** Boxes [K, 4] from one size of an image to another. */
export function rescale(boxes: Float32Array, from: Size, to: Size): Float32Array {
  const factors = [to[1] / from[1], to[0] / from[0]];
  return boxes.map((value, i) => value * factors[i & 1]);
}

/** → [3, h, w] */
function normalised({ data, width, height }: RgbImage, size: Size, { device }: BatchOptions): Tensor {
  const channel = (values: number[]): Tensor => Tensor.from(values, [1, 3, 1, 1], { device });
  const pixels = Tensor.from(data, [1, height, width, 3], { device }).permute(0, 3, 1, 2).to("float32").div(255);
  const values = pixels.sub(channel(mean)).div(channel(deviation));
  const resized = size[0] === height && size[1] === width ? values : upsampleBilinear(values, [size[0], size[1]]);
  return resized.squeeze(0);
}
