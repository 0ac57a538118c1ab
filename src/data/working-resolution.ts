// The scale at which a model sees every image, so that cells keep their size whatever the size of an image: microns per pixel
// where an image says them, else a factor on its pixels. "Network pixels" are pixels of the network's input.

import type { Resolution } from "../settings/detector.ts";

/** What decides on an image's scale. */
export interface Scaled {
  /** Microns per pixel, if known. */
  readonly mpp?: number;
}

/**
 * Network pixels per pixel of the image.
 *
 * @example
 * const input = { kind: "resolution", window: 448, mpp: 0.5, scale: 1 } as const;
 * scaleOf(input, { mpp: 0.25 }); // 0.5: 20 pixels of the image are 10 of the network
 */
export function scaleOf({ mpp, scale }: Resolution, image: Scaled): number {
  return mpp !== null && image.mpp !== undefined ? image.mpp / mpp : scale;
}

export interface Sides {
  readonly width: number;
  readonly height: number;
}

/** An image's size in network pixels, whole and at least 1. */
export const scaledSides = ({ width, height }: Sides, factor: number): Sides => ({
  width: Math.max(1, Math.round(width * factor)),
  height: Math.max(1, Math.round(height * factor)),
});
