// What a dataset asks an evaluation to judge: cells, not hard negatives, and nothing in a region that is marked `ignore`.

import { type Annotation, cellsOf, type Dataset, type DatasetImage } from "../data/dataset.ts";
import { type Box, centre } from "../geometry/box.ts";
import { regionAt } from "../geometry/region.ts";

/** An annotated cell; hidden ones are true cells all the same. */
export interface TrueCell extends Annotation {
  /** Its centre lies in an `ignore` region: it need not be found. */
  readonly ignore?: true;
}

/** The cells on the images with these ids. Boxes of negative categories are no cells and are left out. */
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

/** All detections but those whose centre lies in an `ignore` region of their image, which are neither right nor wrong. */
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
