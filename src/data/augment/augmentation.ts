// Augmentations of pixels: what could have been otherwise had the same section been stained, photographed or stored elsewhere.
// None moves a pixel: marks stay where they are.

import type { Random } from "../../random.ts";
import type { RgbImage } from "../image-file.ts";

interface Named<Change> {
  /** Under which its strength is set. */
  readonly name: string;
  /** One line for people: what varies, and within which limits at strength 1. */
  readonly about: string;
  /**
   * What to do to an image, as plain data that a thread can be sent; null: nothing. `strength` is 0 (always null) to 1, as
   * strong as is sensible in the field.
   */
  draw(random: Random, strength: number): Change | null;
}

/** An augmentation of whole images. */
export interface ImageAugmentation<Change> extends Named<Change> {
  /** A new image of the same size; the same change, the same bits. */
  apply(image: RgbImage, change: Change): RgbImage | Promise<RgbImage>;
}

/** An augmentation that maps each value by itself, 0 to 1. Neighbours of this kind are applied together, as one table. */
export interface ToneAugmentation<Change> extends Named<Change> {
  /** `mean`: of all values of the image. Results are clipped to 0 … 1. */
  curve(change: Change, mean: number): (value: number) => number;
}

export type Augmentation<Change = unknown> = ImageAugmentation<Change> | ToneAugmentation<Change>;
