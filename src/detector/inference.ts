// Detection on image files, one after another; the next file is decoded while one computes.

import { type RgbImage, readImage } from "../data/image-file.ts";
import type { Detector } from "./detector.ts";
import type { Detections } from "./roi-head.ts";

export interface ImageDetections extends Detections {
  readonly file: string;
  readonly width: number;
  readonly height: number;
}

/** Yields what is on each file, in their order. Throws a UserError for a file that cannot be read. */
export async function* detectFiles(detector: Detector, files: readonly string[]): AsyncGenerator<ImageDetections> {
  let ahead: Promise<RgbImage> | null = null;
  for (let i = 0; i < files.length; i++) {
    const image: RgbImage = await (ahead ?? readImage(files[i]));
    ahead = i + 1 < files.length ? readImage(files[i + 1]) : null;
    ahead?.catch(() => {}); // reported when its turn comes
    const [found] = detector.detect([image]);
    yield { ...found, file: files[i], width: image.width, height: image.height };
  }
}
