// A dataset: images, the boxes on them, and which of the boxes training may see. On disk it is a folder with `images/`
// and `annotations.json` in COCO JSON (https://cocodataset.org/#format-data) with keys of our own:
// `group`, `split`, `mpp` and `regions` on an image, `hidden` on an annotation, `negative` on a category.

import type { Box } from "../geometry/box.ts";
import type { Region } from "../geometry/region.ts";

export interface DatasetImage {
  readonly id: number;
  /** Path below `images/`. */
  readonly fileName: string;
  readonly width: number;
  readonly height: number;
  /** What folds must not split: the slide or the patient. */
  readonly group: string;
  readonly split: Split;
  /** Microns of a pixel, where that is known: distances of the field's rules are in microns. */
  readonly mpp?: number;
  /** Where the annotations are complete, or nothing is judged. */
  readonly regions?: readonly Region[];
}

/** Training may look at `train` images only; `test` images keep every annotation. */
export type Split = "train" | "test";

export interface Annotation {
  readonly id: number;
  readonly imageId: number;
  readonly categoryId: number;
  readonly box: Box;
  /** Removed by `sparsify`: a true cell that training never sees. */
  readonly hidden: boolean;
}

export interface Category {
  readonly id: number;
  readonly name: string;
  /**
   * Its boxes are known to be no cells to find ("not mitosis"): hard negatives. No class of the detector and no truth of an
   * evaluation; background there is certain, so no calibration softens it.
   */
  readonly negative?: true;
}

/** The categories that a detector learns, in order: class k of the network is the k-th, counted from 1. */
export const cellCategories = ({ categories }: Pick<Dataset, "categories">): Category[] =>
  categories.filter(({ negative }) => !negative);

/** The images of one split, in their order; all of them when `split` is undefined. */
export const imagesOf = <T extends Pick<DatasetImage, "split">>(
  { images }: { readonly images: readonly T[] },
  split?: Split,
): T[] => images.filter((image) => split === undefined || image.split === split);

/** The annotations of cells to find, hidden ones too: all but the hard negatives. */
export function cellsOf({ annotations, categories }: Pick<Dataset, "annotations" | "categories">): readonly Annotation[] {
  const negative = new Set(categories.filter(({ negative }) => negative).map(({ id }) => id));
  return negative.size === 0 ? annotations : annotations.filter(({ categoryId }) => !negative.has(categoryId));
}

/** What training may learn from: the cells on training images that are not hidden. */
export function visibleCells(dataset: Pick<Dataset, "images" | "annotations" | "categories">): Annotation[] {
  const training = new Set(imagesOf(dataset, "train").map(({ id }) => id));
  return cellsOf(dataset).filter(({ imageId, hidden }) => !hidden && training.has(imageId));
}

export interface Dataset {
  /** The folder that holds `images/` and `annotations.json`. */
  readonly dir: string;
  readonly images: readonly DatasetImage[];
  readonly annotations: readonly Annotation[];
  readonly categories: readonly Category[];
}
