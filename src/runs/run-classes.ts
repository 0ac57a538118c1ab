import { cellCategories, type Dataset } from "../data/dataset.ts";
import { UserError } from "../errors.ts";

/** Throws a UserError when a run's detector has other classes than the dataset. A single class may have any name. */
export function requireClasses(run: string, classes: readonly string[], dataset: Dataset): void {
  const categories = cellCategories(dataset).map(({ name }) => name);
  if (classes.length === categories.length && (classes.length === 1 || classes.every((name, i) => name === categories[i])))
    return;
  throw new UserError(
    `${run}: finds ${classes.join(", ")}, but the categories of ${dataset.dir} are ${categories.join(", ")}; pass the dataset that it was trained for`,
  );
}
