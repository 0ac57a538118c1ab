// What counts when detections are evaluated on a dataset: cells, not hard negatives, and nothing in `ignore` regions.

import { type Annotation, cellsOf, type Dataset, type DatasetImage } from "../data/dataset.ts";
import { type Box, centre } from "../geometry/box.ts";
import { regionAt } from "../geometry/region.ts";

/** An annotated cell, hidden from training or not. */
export interface TrueCell extends Annotation {
  /** Its centre is in an `ignore` region: missing it is not wrong. */
  readonly ignore?: true;
}

/** The cells on the images with these ids, without boxes of negative categories. */
export function truthsOf(
  { images, annotations, categories }: Pick<Dataset, "images" | "annotations" | "categories">,
  imageIds: Iterable<number>,
): TrueCell[] {
  const wanted = new Set(imageIds);
  const isIgnored = ignoredPlaces(images);
  return cellsOf({ annotations, categories })
    .filter(({ imageId }) => wanted.has(imageId))
    .map((annotation) => (isIgnored(annotation) ? { ...annotation, ignore: true } : annotation));
}

/** The detections that count: all but those with their centre in an `ignore` region of their image. */
export function judged<D extends { readonly imageId: number; readonly box: Box }>(
  detections: readonly D[],
  images: readonly Pick<DatasetImage, "id" | "regions">[],
): D[] {
  const isIgnored = ignoredPlaces(images);
  return detections.filter((detection) => !isIgnored(detection));
}

function ignoredPlaces(
  images: readonly Pick<DatasetImage, "id" | "regions">[],
): (item: { readonly imageId: number; readonly box: Box }) => boolean {
  const regions = new Map(images.map((image) => [image.id, image.regions]));
  return ({ imageId, box }) => regionAt(regions.get(imageId), ...centre(box)) === "ignore";
}
