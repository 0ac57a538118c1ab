// How a detector sees an image: resampled to a size, and in which windows of that.

import type { RgbImage } from "../data/image-file.ts";
import { resampled } from "../data/resampled.ts";
import { type Sides, scaledSides, scaleOf } from "../data/working-resolution.ts";
import type { Detector, ImageDetections } from "../detector/detector.ts";
import { rescale } from "../detector/transform.ts";
import { UserError } from "../errors.ts";
import { type CoredWindow, coreGrid } from "../geometry/windows.ts";
import { coarsestStride, type InputSize, type Resolution } from "../settings/detector.ts";
import { detectInWindows } from "./in-windows.ts";

export interface ImageView {
  readonly size: Sides;
  /** One: the image is seen as a whole. */
  readonly windows: readonly CoredWindow[];
}

/** As it is, in one window. */
export const asWhole = ({ width, height }: Sides): ImageView => ({
  size: { width, height },
  windows: [{ window: { x: 0, y: 0, width, height }, core: [-Infinity, -Infinity, Infinity, Infinity] }],
});

/** The side of a window in network pixels, what surrounds its core included. */
export const USUAL_WINDOW = 1024;
/** As much is seen around a core: the largest cells, and most of what the network's output depends on. */
const HALO = 2 * coarsestStride;
const MOST_PIXELS = 4e8;

/** An image at a factor, default that of the model's working resolution. `window`: multiples of 64, at least 192. */
export function viewAtResolution(
  input: Resolution,
  image: Sides & { readonly mpp?: number },
  { factor = scaleOf(input, image), window = USUAL_WINDOW, name }: { factor?: number; window?: number; name?: string } = {},
): ImageView {
  const size = scaledSides(image, factor);
  if (size.width * size.height > MOST_PIXELS)
    throw new UserError(
      `${name ?? "an image"}: has ${image.width}×${image.height} pixels and would have ${size.width}×${size.height} at the model's working resolution; check its microns per pixel (--mpp) or --scale`,
    );
  const halo = window >= 5 * coarsestStride ? HALO : coarsestStride;
  return { size, windows: coreGrid(size, { core: window - 2 * halo, halo }) };
}

/** As a model sees an image unless told otherwise. */
export const usualView = (input: InputSize, image: Sides & { readonly mpp?: number }): ImageView =>
  input.kind === "resolution" ? viewAtResolution(input, image) : asWhole(image);

/** An image as a training sees all of it: at the working resolution, where the model has one. */
export const asTrained = (input: InputSize, image: RgbImage, { mpp }: { readonly mpp?: number }): RgbImage =>
  resampled(image, usualView(input, { width: image.width, height: image.height, mpp }).size);

/** The cells of an image, in its own pixels. */
export function detectOn(detector: Detector, image: RgbImage, { size, windows }: ImageView): ImageDetections {
  const found = detectInWindows(detector, resampled(image, size), windows);
  if (size.width === image.width && size.height === image.height) return found;
  return { ...found, boxes: rescale(found.boxes, [size.height, size.width], [image.height, image.width]) };
}
