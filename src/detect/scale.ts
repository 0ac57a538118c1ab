// At which scale a model sees an image, beside the one at which it learned. An image is resized to the network's input, so the
// cells of an image six times as large as the training images appear six times smaller, and are not found.

import type { TrainingScale } from "../data/training-facts.ts";
import { networkSize } from "../detector/transform.ts";
import type { WindowSize } from "../geometry/windows.ts";
import type { InputSize } from "../settings/detector.ts";

/** An image's size in pixels, and microns per pixel if known. */
export type Scaled = TrainingScale;

/** Beyond this factor a detector misses cells. */
export const MOST_DIFFERENCE = 1.5;

/** How many times smaller cells appear than in training; below 1: larger. */
export function shrinkage(image: Scaled, training: Scaled, input: InputSize): number {
  const microns = image.mpp && training.mpp ? image.mpp / training.mpp : 1;
  return (resizing(training, input) / resizing(image, input)) * microns;
}

/** The factor by which an image's sides change on their way to the network. */
export function resizing({ width, height }: Scaled, input: InputSize): number {
  const [h, w] = networkSize([height, width], input);
  return Math.sqrt((h * w) / (height * width));
}

/** Tiles of an image that show it at the training's scale; cells of up to a quarter of a tile are whole on one of them. */
export function trainingTile(image: Scaled, training: Scaled): WindowSize {
  const factor = image.mpp && training.mpp ? training.mpp / image.mpp : 1;
  return tileOf({ width: Math.round(training.width * factor), height: Math.round(training.height * factor) });
}

export function tileOf({ width, height }: { readonly width: number; readonly height: number }): WindowSize {
  return { width, height, overlap: Math.floor(Math.min(width, height) / 4) };
}
