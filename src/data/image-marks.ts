// What is known of each image, as a digest: equal for equal annotations and regions, so that two copies of a dataset can be
// compared image by image.

import { createHash, type Hash } from "node:crypto";
import type { Dataset } from "./dataset.ts";

/** By the image's name. Of training images only what training sees counts: hidden annotations do not. */
export function imageMarks(dataset: Dataset): Map<string, string> {
  const hashes = new Map<number, Hash>(dataset.images.map(({ id }) => [id, createHash("sha256")]));
  const hiding = new Set(dataset.images.filter(({ split }) => split === "train").map(({ id }) => id));
  const names = new Map(dataset.categories.map(({ id, name }) => [id, name]));
  for (const { imageId, categoryId, box, hidden } of dataset.annotations)
    if (!(hidden && hiding.has(imageId))) hashes.get(imageId)?.update(JSON.stringify([names.get(categoryId), ...rounded(box)]));
  return new Map(
    dataset.images.map(({ id, fileName, split, regions = [] }) => {
      const hash = hashes.get(id) as Hash;
      hash.update(split);
      for (const { kind, rings } of regions) hash.update(JSON.stringify([kind, ...rings.map(rounded)]));
      return [fileName, hash.digest("hex").slice(0, 16)];
    }),
  );
}

const rounded = (values: readonly number[]): number[] => values.map((value) => Math.round(1000 * value));
