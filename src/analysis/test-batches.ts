// Images of a dataset with all of their annotations, one per batch; the next image is decoded during the computation.

import type { Dataset, DatasetImage } from "../data/dataset.ts";
import { readDatasetImage } from "../data/dataset-image.ts";
import type { RgbImage } from "../data/image-file.ts";
import { asTrained } from "../detect/view.ts";
import { type KnownCells, resizeKnownCells } from "../detector/known-cells.ts";
import type { InputSize } from "../settings/detector.ts";
import { knownCells } from "../train/known-cells.ts";
import type { TestBatch } from "./layer-gradients.ts";

/** Throws a UserError for an image that cannot be read, when its turn comes. */
export async function* testBatches(
  dataset: Dataset,
  images: readonly DatasetImage[],
  input: InputSize,
): AsyncGenerator<TestBatch> {
  const complete = dataset.annotations.map((annotation) => ({ ...annotation, hidden: false }));
  const known = knownCells({ ...dataset, annotations: complete });
  const read = (i: number) => (i < images.length ? readDatasetImage(dataset.dir, images[i]) : null);
  let ahead = read(0);
  for (const [i, image] of images.entries()) {
    const pixels = (await ahead) as RgbImage;
    ahead = read(i + 1);
    ahead?.catch(() => {}); // reported when its turn comes
    const seen = asTrained(input, pixels, image);
    const cells = resizeKnownCells(known.get(image.id) as KnownCells, [pixels.height, pixels.width], [seen.height, seen.width]);
    yield { ids: [image.id], images: [seen], known: [cells] };
  }
}
