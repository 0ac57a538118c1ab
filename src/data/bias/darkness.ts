// How dark cells are on their images.

import { grouped } from "../../grouped.ts";
import { brightness } from "../brightness.ts";
import { type Annotation, type Dataset, imagesOf } from "../dataset.ts";
import { readDatasetImage } from "../dataset-image.ts";

/**
 * For each cell on a training image, by how much its box is darker than the whole image: the difference of the means of red,
 * green and blue. Decodes one image at a time. Throws a UserError for one that cannot be read.
 */
export async function darkness(dataset: Dataset, cells: readonly Annotation[]): Promise<number[]> {
  const values = new Map<Annotation, number>();
  const byImage = grouped(cells, ({ imageId }) => imageId);
  for (const image of imagesOf(dataset, "train")) {
    const onImage = byImage.get(image.id);
    if (!onImage) continue;
    const pixels = await readDatasetImage(dataset.dir, image);
    const whole = brightness(pixels, [0, 0, image.width, image.height]);
    for (const cell of onImage) values.set(cell, whole - brightness(pixels, cell.box));
  }
  return cells.map((cell) => values.get(cell) ?? 0);
}
