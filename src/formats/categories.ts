// The categories of an imported dataset: the labels of all marks that are not regions.

import type { Category } from "../data/dataset.ts";
import { UserError } from "../errors.ts";
import type { RegionKind } from "../geometry/region.ts";
import { keptIds } from "./kept-ids.ts";
import { plainLabel } from "./labels.ts";
import { type RegionClasses, regionOfClass } from "./regions.ts";
import type { Source, SourceIds } from "./source.ts";

/** The category of marks without a label. */
export const UNLABELLED = "cell";

export interface CategoryOptions extends RegionClasses {
  /** Labels whose boxes are hard negatives, in addition to those named by the source. */
  readonly negative?: readonly string[];
}

/**
 * The categories of all labels, including those of marks that will be dropped: alphabetical, hard negatives last, with the ids
 * that the source has for them. Throws a
 * UserError when no mark has a class named in the options, and when there are only hard negatives.
 */
export function categoriesOf(source: Source, options: CategoryOptions): Category[] {
  const { images, negativeLabels = [], categoryIds = new Map<string, SourceIds>() } = source;
  const chosen = (options.negative ?? []).map((name) => plainLabel(name) ?? UNLABELLED);
  const labels = new Set<string>();
  const kinds = new Set<RegionKind>();
  for (const { marks } of images) {
    for (const { region, label } of marks) {
      const kind = region ?? regionOfClass(label, options);
      if (kind === undefined) labels.add(plainLabel(label) ?? UNLABELLED);
      else kinds.add(kind);
    }
  }
  const known = [...labels].sort();
  const unknown = (option: string, name: string): UserError => {
    const names = known.length === 0 ? "none" : known.map((label) => `"${label}"`).join(", ");
    return new UserError(`${option} "${name}": no annotation has this class (classes: ${names}); correct it or leave it out`);
  };
  if (options.completeClass !== undefined && options.completeClass === options.ignoreClass)
    throw new UserError(`--complete-class and --ignore-class both name "${options.completeClass}"; a region cannot be both`);
  if (options.completeClass !== undefined && !kinds.has("complete")) throw unknown("--complete-class", options.completeClass);
  if (options.ignoreClass !== undefined && !kinds.has("ignore")) throw unknown("--ignore-class", options.ignoreClass);
  for (const name of chosen) if (!labels.has(name)) throw unknown("--negative", name);

  const negative = new Set([...negativeLabels.map(plainLabel), ...chosen]);
  const targets = known.filter((name) => !negative.has(name));
  if (targets.length === 0 && known.length > 0)
    throw new UserError(
      `every annotation is a hard negative (${known.map((name) => `"${name}"`).join(", ")}); also import the cells to detect`,
    );
  const categories: Omit<Category, "id">[] = [
    ...(known.length === 0 ? [UNLABELLED] : targets).map((name) => ({ name })),
    ...known.filter((name) => negative.has(name)).map((name) => ({ name, negative: true }) as const),
  ];
  const kept = keptIds(categories.map(({ name }) => categoryIds.get(name)));
  return categories.map((category, i) => ({ ...kept[i], ...category }));
}
