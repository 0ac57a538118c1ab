// Detection on images, one after another; the next one is decoded while one computes.

import type { RgbImage } from "../data/image-file.ts";
import type { Detector, ImageDetections } from "../detector/detector.ts";

export interface FoundOnImage<T> extends ImageDetections {
  readonly source: T;
  readonly width: number;
  readonly height: number;
}

/** Yields what is on each image, in order. `read` gives the pixels of one; what it throws comes out here. */
export async function* detectEach<T>(
  detector: Detector,
  images: readonly T[],
  read: (image: T) => Promise<RgbImage>,
): AsyncGenerator<FoundOnImage<T>> {
  let ahead: Promise<RgbImage> | null = null;
  for (let i = 0; i < images.length; i++) {
    const image: RgbImage = await (ahead ?? read(images[i]));
    ahead = i + 1 < images.length ? read(images[i + 1]) : null;
    ahead?.catch(() => {}); // reported when its turn comes
    const [found] = detector.detect([image]);
    yield { ...found, source: images[i], width: image.width, height: image.height };
  }
}
