// Cross-validation folds over groups: all images of a slide or patient are either training or test images.

import { UserError } from "../errors.ts";
import { Random } from "../random.ts";
import { cellsOf, type Dataset, imagesOf, type Split } from "./dataset.ts";

export interface SplitOptions {
  /** The number of folds: at least 2, at most the number of groups. */
  readonly folds: number;
  /** The fold used for testing: 0 to folds − 1. */
  readonly fold: number;
  readonly seed: number;
}

/** One fold of a cross-validation: two datasets without a common image or group. */
export interface Fold {
  readonly training: TrainingHalf;
  readonly test: TestHalf;
}

/** The half that `sparsify` accepts. */
export interface TrainingHalf extends Dataset {
  readonly half: "training";
}

/** Always complete: `sparsify` does not accept it. */
export interface TestHalf extends Dataset {
  readonly half: "test";
}

/**
 * The two halves of fold `fold`. Groups are assigned, and errors thrown, as in `splitByGroup`.
 *
 * @example
 * const { training, test } = foldOf(dataset, { folds: 4, fold: 0, seed: 1 });
 * const sparse = sparsify(training, { keep: 0.5, seed: 1 });
 */
export function foldOf(dataset: Dataset, options: SplitOptions): Fold {
  const whole = splitByGroup(dataset, options);
  return { training: { ...partOf(whole, "train"), half: "training" }, test: { ...partOf(whole, "test"), half: "test" } };
}

function partOf(dataset: Dataset, split: Split): Dataset {
  const images = imagesOf(dataset, split);
  const ids = new Set(images.map(({ id }) => id));
  return { ...dataset, images, annotations: dataset.annotations.filter(({ imageId }) => ids.has(imageId)) };
}

/**
 * Makes the images of fold `fold` the test split and all others the training split. Groups are assigned in order of their number
 * of cells, largest first, to the fold with the fewest cells so far (hard negatives do not count); the seed breaks ties. The same
 * seed gives the same folds. Throws a UserError when there are fewer groups than folds, and on a sparsified dataset, whose test
 * split would not be complete.
 *
 * @example
 * const split = splitByGroup(readDataset("data/ki67"), { folds: 4, fold: 0, seed: 1 });
 */
export function splitByGroup(dataset: Dataset, { folds, fold, seed }: SplitOptions): Dataset {
  if (!(Number.isInteger(folds) && folds >= 2)) throw new UserError(`the number of folds must be at least 2, got ${folds}`);
  if (!(Number.isInteger(fold) && fold >= 0 && fold < folds))
    throw new UserError(`the fold must be from 0 to ${folds - 1}, got ${fold}`);
  if (dataset.annotations.some(({ hidden }) => hidden))
    throw new UserError(
      `${dataset.dir}: is sparsified, but a test split needs every annotation; split the complete dataset, then sparsify`,
    );
  const groups = new Map<string, { annotations: number; images: number }>();
  const groupOf = new Map<number, { annotations: number; images: number }>();
  for (const { id, group } of dataset.images) {
    const size = groups.get(group) ?? { annotations: 0, images: 0 };
    size.images++;
    groups.set(group, size);
    groupOf.set(id, size);
  }
  for (const { imageId } of cellsOf(dataset)) (groupOf.get(imageId) as { annotations: number }).annotations++;
  if (groups.size < folds)
    throw new UserError(
      `${dataset.dir}: has ${groups.size} group${groups.size === 1 ? "" : "s"}, too few for ${folds} folds; use fewer folds`,
    );

  const sizes = Array.from({ length: folds }, () => ({ annotations: 0, images: 0 }));
  const test = new Set<string>();
  const names = new Random(seed).shuffled([...groups].sort(([a], [b]) => (a < b ? -1 : 1)));
  for (const [name, size] of names.sort(([, a], [, b]) => b.annotations - a.annotations || b.images - a.images)) {
    const smallest = sizes.reduce((best, next) =>
      (next.annotations - best.annotations || next.images - best.images) < 0 ? next : best,
    );
    smallest.annotations += size.annotations;
    smallest.images += size.images;
    if (smallest === sizes[fold]) test.add(name);
  }
  return { ...dataset, images: dataset.images.map((image) => ({ ...image, split: test.has(image.group) ? "test" : "train" })) };
}
