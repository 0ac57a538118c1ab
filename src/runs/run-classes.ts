import { cellCategories, type Dataset } from "../data/dataset.ts";
import { UserError } from "../errors.ts";

/** Throws a UserError when a run's detector has not the classes of the dataset. One class is one class, whatever its name. */
export function requireClasses(run: string, classes: readonly string[], dataset: Dataset): void {
  const there = cellCategories(dataset).map(({ name }) => name);
  if (classes.length === there.length && (classes.length === 1 || classes.every((name, i) => name === there[i]))) return;
  throw new UserError(
    `${run}: finds ${classes.join(", ")}, but the categories of ${dataset.dir} are ${there.join(", ")}; give the dataset that it is for`,
  );
}
