// The pixels of a dataset's image, checked against the size for which its boxes were made.

import { UserError } from "../errors.ts";
import type { DatasetImage } from "./dataset.ts";
import { annotationsPath, imagePath } from "./dataset-folder.ts";
import { type RgbImage, readImage } from "./image-file.ts";

/** What says where an image's pixels are and how they are read. */
export type StoredImage = Pick<DatasetImage, "fileName" | "width" | "height" | "pixels">;

/**
 * Decodes `image` of the dataset in `dir` as it was decided at import. Throws a UserError as `readImage` does, and when the file's size differs from the
 * one in annotations.json, because its boxes would be in the wrong place.
 */
export async function readDatasetImage(dir: string, image: StoredImage): Promise<RgbImage> {
  const file = imagePath(dir, image);
  const pixels = await readImage(file, image.pixels);
  if (pixels.width === image.width && pixels.height === image.height) return pixels;
  const [found, expected] = [`${pixels.width}×${pixels.height}`, `${image.width}×${image.height}`];
  throw new UserError(`${file}: has ${found} pixels, but ${annotationsPath(dir)} says ${expected}; restore the annotated image`);
}
