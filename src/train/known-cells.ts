// What training may know of each image of a dataset.

import { cellCategories, type Dataset } from "../data/dataset.ts";
import { annotationsPath } from "../data/dataset-folder.ts";
import type { KnownCells } from "../detector/known-cells.ts";
import { UserError } from "../errors.ts";
import type { Box } from "../geometry/box.ts";
import { fromBoxes } from "../geometry/rows.ts";

/**
 * Of each image id what training may know of it: annotations that are not hidden, hard negatives, regions. Throws a UserError
 * when a box is not one that a loss can be computed of.
 */
export function knownCells(dataset: Dataset): Map<number, KnownCells> {
  const labels = new Map(cellCategories(dataset).map(({ id }, i) => [id, i + 1]));
  const lists = new Map(
    dataset.images.map(({ id }) => [id, { boxes: [] as Box[], labels: [] as number[], negatives: [] as Box[] }]),
  );
  for (const { id, imageId, categoryId, box, hidden } of dataset.annotations) {
    const list = lists.get(imageId);
    if (hidden || !list) continue;
    requireBox(dataset, id, box);
    const label = labels.get(categoryId);
    if (label === undefined) list.negatives.push(box);
    else {
      list.boxes.push(box);
      list.labels.push(label);
    }
  }
  return new Map(
    dataset.images.map(({ id, regions }): [number, KnownCells] => {
      const { boxes, labels, negatives } = lists.get(id) ?? { boxes: [], labels: [], negatives: [] };
      const known = { boxes: fromBoxes(boxes), labels: Int32Array.from(labels), regions };
      return [id, negatives.length === 0 ? known : { ...known, negatives: fromBoxes(negatives) }];
    }),
  );
}

const NARROWEST = 0.01; // pixels: what is narrower can be empty in float32, in the size that the network sees

function requireBox({ dir }: Dataset, id: number, box: Box): void {
  const [x1, y1, x2, y2] = box;
  if (box.every(Number.isFinite) && x2 - x1 >= NARROWEST && y2 - y1 >= NARROWEST) return;
  throw new UserError(
    `${annotationsPath(dir)}: the box of annotation ${id} is ${x2 - x1}×${y2 - y1} pixels, and ${NARROWEST} is the least; correct or remove it`,
  );
}
