// From an image of a dataset to the pixels that a step sees of it.

import type { Window } from "../../geometry/windows.ts";
import { augmented, type NamedChange } from "../augment/index.ts";
import { crop } from "../crop.ts";
import type { StoredImage } from "../dataset-image.ts";
import type { ImageSize, RgbImage } from "../image-file.ts";
import { resampled } from "../resampled.ts";
import { type Symmetry, turned } from "./symmetry.ts";

/** What a step sees of an image: a rectangle of it, resampled, turned and augmented, in this order. */
export interface WindowRequest {
  /** The dataset's folder. */
  readonly dir: string;
  readonly image: StoredImage;
  /** Whole pixels of the image, inside it. */
  readonly crop: Window;
  /** What the crop is resampled to, before it is turned. */
  readonly size: ImageSize;
  readonly symmetry: Symmetry;
  /** Of pixels alone; augment/index.ts draws them. */
  readonly changes: readonly NamedChange[];
}

/** The window of a request in the pixels of its whole image. */
export async function windowPixels(whole: RgbImage, request: WindowRequest): Promise<RgbImage> {
  const { x, y, width, height } = request.crop;
  if (x < 0 || y < 0 || x + width > whole.width || y + height > whole.height)
    throw new Error(`a window of ${width}×${height} at (${x}, ${y}) leaves an image of ${whole.width}×${whole.height}`);
  return augmented(turned(resampled(crop(whole, request.crop), request.size), request.symmetry), request.changes);
}
