// Writes the page of a dataset: reads the images that it shows, makes them small, and has the page drawn.

import type { Dataset } from "../data/dataset.ts";
import { readDatasetImage } from "../data/dataset-image.ts";
import { writeFileAtomic } from "../files/atomic-write.ts";
import { type DatasetSelection, imagesToShow, renderDatasetPage } from "../report/dataset/page.ts";
import { thumbnail } from "./pictures.ts";

/** Pixels of a thumbnail's longer side: sharp with three beside each other, even on screens with two pixels per point. */
const LONGEST = 640;

export interface DatasetPageOptions extends DatasetSelection {
  readonly onImage?: (done: number, total: number) => void;
}

/**
 * Writes the page to `file`, whole or not at all; returns how many images it shows. Throws a UserError when the split has no
 * image, when an image cannot be read, and when the file cannot be written.
 */
export async function writeDatasetPage(
  dataset: Dataset,
  file: string,
  { onImage, ...selection }: DatasetPageOptions,
): Promise<number> {
  const shown = imagesToShow(dataset, selection);
  const jpegs: Uint8Array[] = [];
  for (const image of shown) {
    jpegs.push(await thumbnail(await readDatasetImage(dataset.dir, image), LONGEST));
    onImage?.(jpegs.length, shown.length);
  }
  writeFileAtomic(file, await renderDatasetPage(dataset, jpegs, selection));
  return shown.length;
}
