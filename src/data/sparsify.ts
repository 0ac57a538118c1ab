// Sparse annotations out of complete ones, as in the paper's experiments (Li et al. 2021, section "Datasets"): training sees
// a part of its annotations only. The others stay in the dataset as hidden, so that analysis can tell a missed cell from
// a wrong one.

import { Random } from "../random.ts";
import { type Annotation, type Dataset, visibleCells } from "./dataset.ts";

/** A dataset, or a fold's training half; never its test half. */
export type Sparsifiable = Dataset & { readonly half?: "training" };

/** A rate in (0, 1], or one annotation in every training image. */
export type Keep = number | "one-per-image";

/**
 * Hides training annotations at random; test images, hard negatives and what is already hidden stay as they are. At the rate r,
 * round(r · n) of the n visible training annotations stay visible, but at least one; drawn over all training images together,
 * so that images differ. With one seed, a lower rate's choice is part of a higher rate's.
 * `one-per-image` keeps one visible annotation in each training image that has any.
 */
export function sparsify(dataset: Sparsifiable, { keep, seed }: { keep: Keep; seed: number }): Dataset {
  if (keep !== "one-per-image" && !(keep > 0 && keep <= 1)) throw new RangeError(`sparsify: keep must be in (0, 1], got ${keep}`);
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
