// Detection on images, one after another; the next image is decoded during detection on the current one.

import type { RgbImage } from "../data/image-file.ts";
import type { Detector, ImageDetections } from "../detector/detector.ts";
import { UserError } from "../errors.ts";
import { detectOn, type ImageView, usualView } from "./view.ts";

export interface FoundOnImage<T> extends ImageDetections {
  readonly source: T;
  readonly width: number;
  readonly height: number;
}

export interface EachOptions<T> {
  /** How the detector sees an image (view.ts); default: at the model's scale for images that do not say theirs. */
  readonly viewOf?: (source: T, image: RgbImage) => ImageView;
  /** Called for an image that `read` refuses, which is then left out; default: throw. */
  readonly onUnreadable?: (source: T, fault: UserError) => void;
}

/**
 * Yields the detections on each image, in order: boxes [K, 4] in pixels of the image, best first, with labels and scores. `read`
 * decodes an image; its errors are thrown when the image's turn comes.
 *
 * @example
 * const detector = loadDetector("run/model.safetensors", { seed: 0 });
 * for await (const { source, scores } of detectEach(detector, ["a.png", "b.png"], readImage)) console.log(source, scores.length);
 * detector.release();
 */
export async function* detectEach<T>(
  detector: Detector,
  images: readonly T[],
  read: (image: T) => Promise<RgbImage>,
  { viewOf, onUnreadable }: EachOptions<T> = {},
): AsyncGenerator<FoundOnImage<T>> {
  let ahead: Promise<RgbImage> | null = null;
  for (let i = 0; i < images.length; i++) {
    const image: RgbImage | UserError = await (ahead ?? read(images[i])).catch((error) => {
      if (onUnreadable && error instanceof UserError) return error;
      throw error;
    });
    ahead = i + 1 < images.length ? read(images[i + 1]) : null;
    ahead?.catch(() => {}); // reported when its turn comes
    if (image instanceof UserError) {
      onUnreadable?.(images[i], image);
      continue;
    }
    const view = viewOf?.(images[i], image) ?? usualView(detector.config.input, image);
    const found = detectOn(detector, image, view);
    yield { ...found, source: images[i], width: image.width, height: image.height };
  }
}
