// A dataset: images, the boxes on them, and which boxes training may see. On disk it is a folder with `images/` and
// `annotations.json` (coco/dataset-file.ts).

import type { Box } from "../geometry/box.ts";
import type { Region } from "../geometry/region.ts";
import type { FileIds } from "./coco/ids.ts";
import type { PixelChoice } from "./pixel-choice.ts";

/** An image and what is known about it, without its pixels. */
export interface DatasetImage {
  /** The image's id in the file it was imported from, where that is a whole number; results with the file's ids then fit. */
  readonly id: number;
  /**
   * What that file calls it, where `id` is another number because the file's id is text or not the image's alone, or where the file
   * has several entries of the image: then all their ids. A bare list of results may have them; `source_id` in annotations.json.
   */
  readonly sourceId?: FileIds;
  /** Path below `images/`. */
  readonly fileName: string;
  /** Pixels, after EXIF rotation. */
  readonly width: number;
  readonly height: number;
  /** The slide or patient. Folds never split a group. */
  readonly group: string;
  readonly split: Split;
  /** Microns per pixel, if known; the field's matching distances are in microns. */
  readonly mpp?: number;
  /** Where the annotations are complete, or nothing counts. */
  readonly regions?: readonly Region[];
  /** What was decided of its pixels at import, where the file leaves it open. */
  readonly pixels?: PixelChoice;
}

/** Training sees only `train` images; `test` images keep every annotation. */
export type Split = "train" | "test";

/** A box on an image, of one category. */
export interface Annotation {
  readonly id: number;
  readonly imageId: number;
  readonly categoryId: number;
  readonly box: Box;
  /** Hidden by `sparsify`: a true cell that training never sees. */
  readonly hidden: boolean;
}

/** A kind of cell, or of look-alikes. */
export interface Category {
  /** As an image's: that of the file it was imported from, or else numbered, with the file's id in `sourceId`. */
  readonly id: number;
  readonly sourceId?: FileIds;
  readonly name: string;
  /**
   * Its boxes are hard negatives: known not to be cells ("not mitosis"). It is neither a class of the detector nor a truth of
   * an evaluation, and its boxes are certain background, which no calibration softens.
   */
  readonly negative?: true;
}

/** The categories that a detector learns, in order: class k of the network, counted from 1, is the k-th of them. */
export const cellCategories = ({ categories }: Pick<Dataset, "categories">): Category[] =>
  categories.filter(({ negative }) => !negative);

/** The images of one split, in order; all images when `split` is undefined. */
export const imagesOf = <T extends Pick<DatasetImage, "split">>(
  { images }: { readonly images: readonly T[] },
  split?: Split,
): T[] => images.filter((image) => split === undefined || image.split === split);

/** All annotations of cells, including hidden ones; not the hard negatives. */
export function cellsOf({ annotations, categories }: Pick<Dataset, "annotations" | "categories">): readonly Annotation[] {
  const negative = new Set(categories.filter(({ negative }) => negative).map(({ id }) => id));
  return negative.size === 0 ? annotations : annotations.filter(({ categoryId }) => !negative.has(categoryId));
}

/** What training learns from: the cells on training images that are not hidden. */
export function visibleCells(dataset: Pick<Dataset, "images" | "annotations" | "categories">): Annotation[] {
  const training = new Set(imagesOf(dataset, "train").map(({ id }) => id));
  return cellsOf(dataset).filter(({ imageId, hidden }) => !hidden && training.has(imageId));
}

/** Images, annotations and categories; ids are unique in each list. `readDataset` makes one from a folder. */
export interface Dataset {
  /** The folder with `images/` and `annotations.json`. */
  readonly dir: string;
  readonly images: readonly DatasetImage[];
  readonly annotations: readonly Annotation[];
  readonly categories: readonly Category[];
}
