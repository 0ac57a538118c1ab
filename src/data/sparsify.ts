// Makes sparse annotations from complete ones, as in the paper's experiments (Li et al. 2021, section "Datasets"): training sees
// only some of its annotations. The others stay in the dataset, hidden, so that analysis can tell an unannotated cell from a
// false detection.

import { UserError } from "../errors.ts";
import { Random } from "../random.ts";
import { type Bias, rankedCells } from "./bias/biases.ts";
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
  if (keep !== "one-per-image") requireRate(keep);
  const shuffled = new Random(seed).shuffled(visibleCells(dataset));
  return keeping(dataset, keep === "one-per-image" ? firstPerImage(shuffled) : firstOf(shuffled, keep));
}

/**
 * As `sparsify` at a rate, but not at random: `bias` says which annotations stay visible rather than others (docs/reference/commands.md,
 * `data sparsify`); without it, `sparsify` itself. The kind `dark` decodes the training images. Throws a UserError where the bias
 * says nothing of this dataset: `size` of boxes of one size, `uneven-classes` of one class, and any of one annotation per image.
 *
 * @example
 * const sparse = await sparsifyWithBias(dataset, { keep: 0.1, seed: 1, bias: "dark" });
 */
export async function sparsifyWithBias(
  dataset: Sparsifiable,
  { keep, seed, bias }: { keep: Keep; seed: number; bias?: Bias },
): Promise<Dataset> {
  if (bias === undefined) return sparsify(dataset, { keep, seed });
  if (keep === "one-per-image") throw new UserError(ONE_PER_IMAGE);
  requireRate(keep);
  return keeping(dataset, firstOf(await rankedCells(dataset, bias, new Random(seed)), keep));
}

/** Of a bias with any other keep than a rate. */
export const ONE_PER_IMAGE = "a bias needs a retention rate in (0, 1], got one-per-image; leave out one of them";

function requireRate(keep: number): void {
  if (!(keep > 0 && keep <= 1)) throw new RangeError(`sparsify: expected keep in (0, 1], got ${keep}`);
}

const firstOf = (ranked: readonly Annotation[], rate: number): readonly Annotation[] =>
  ranked.slice(0, Math.max(1, Math.round(rate * ranked.length)));

/** Hides the other visible cells of the training images. */
function keeping(dataset: Dataset, annotations: readonly Annotation[]): Dataset {
  const kept = new Set(annotations);
  const dropped = new Set(visibleCells(dataset).filter((annotation) => !kept.has(annotation)));
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
