// A dataset: images, the boxes on them, and which of the boxes training may see. On disk it is a folder with `images/`
// and `annotations.json` in COCO JSON (https://cocodataset.org/#format-data) with three keys of our own:
// `group` and `split` on an image, `hidden` on an annotation.

import type { Box } from "./boxes.ts";

export interface DatasetImage {
  readonly id: number;
  /** Path below `images/`. */
  readonly fileName: string;
  readonly width: number;
  readonly height: number;
  /** What folds must not split: the slide or the patient. */
  readonly group: string;
  readonly split: Split;
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
}

export interface Dataset {
  /** The folder that holds `images/` and `annotations.json`. */
  readonly dir: string;
  readonly images: readonly DatasetImage[];
  readonly annotations: readonly Annotation[];
  readonly categories: readonly Category[];
}
