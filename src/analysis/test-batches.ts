// Images of a dataset with all of their annotations, one per batch; the next image is decoded during the computation.

import type { Dataset, DatasetImage } from "../data/dataset.ts";
import { readDatasetImage } from "../data/dataset-image.ts";
import type { KnownCells } from "../detector/known-cells.ts";
import { knownCells } from "../train/batches.ts";
import type { TestBatch } from "./layer-gradients.ts";

/** Throws a UserError for an image that cannot be read, when its turn comes. */
export async function* testBatches(dataset: Dataset, images: readonly DatasetImage[]): AsyncGenerator<TestBatch> {
  const complete = dataset.annotations.map((annotation) => ({ ...annotation, hidden: false }));
  const known = knownCells({ ...dataset, annotations: complete });
  const read = (i: number) => (i < images.length ? readDatasetImage(dataset.dir, images[i]) : null);
  let ahead = read(0);
  for (const [i, { id }] of images.entries()) {
    const pixels = await ahead;
    ahead = read(i + 1);
    ahead?.catch(() => {}); // reported when its turn comes
    if (pixels) yield { ids: [id], images: [pixels], known: [known.get(id) as KnownCells] };
  }
}
