// Makes sparse annotations from complete ones, as in the paper's experiments (Li et al. 2021, section "Datasets"): training sees
// only some of its annotations. The others stay in the dataset, hidden, so that analysis can tell an unannotated cell from a
// false detection.

import { Random } from "../random.ts";
import { type Annotation, type Dataset, visibleCells } from "./dataset.ts";

/** A dataset or the training half of a fold, never its test half. */
export type Sparsifiable = Dataset & { readonly half?: "training" };

/** A retention rate in (0, 1], or one annotation per training image. */
export type Keep = number | "one-per-image";

/**
 * Hides training annotations at random; test images, hard negatives and hidden annotations stay as they are. At a rate r,
 * round(r · n) of the n visible training annotations stay visible, but at least one; they are drawn from all training images
 * together, so that images differ. With the same seed, the choice at a lower rate is a subset of that at a higher rate.
 * `one-per-image` keeps one visible annotation in each training image that has any. Throws a RangeError on any other rate.
 *
 * @example
 * const sparse = sparsify(dataset, { keep: 0.1, seed: 1 }); // 10 % of the training annotations stay visible
 */
export function sparsify(dataset: Sparsifiable, { keep, seed }: { keep: Keep; seed: number }): Dataset {
  if (keep !== "one-per-image" && !(keep > 0 && keep <= 1))
    throw new RangeError(`sparsify: expected keep in (0, 1], got ${keep}`);
  const candidates = visibleCells(dataset);
  const shuffled = new Random(seed).shuffled(candidates);
  const kept = new Set(
    keep === "one-per-image" ? firstPerImage(shuffled) : shuffled.slice(0, Math.max(1, Math.round(keep * shuffled.length))),
  );
  const dropped = new Set(candidates.filter((annotation) => !kept.has(annotation)));
  return {
    ...dataset,
    annotations: dataset.annotations.map((annotation) =>
      dropped.has(annotation) ? { ...annotation, hidden: true } : annotation,
    ),
  };
}

function firstPerImage(annotations: readonly Annotation[]): Annotation[] {
  const seen = new Set<number>();
  return annotations.filter(({ imageId }) => !seen.has(imageId) && seen.add(imageId));
}
