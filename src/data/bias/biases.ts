// Annotations that are not missing at random: people prefer some cells, places, images or classes. Each kind here ranks all
// cells, the likeliest mark first; `sparsifyWithBias` keeps the first of them. A rank does not depend on the rate, so that the
// choice at a lower rate is a part of that at a higher one.

import { UserError } from "../../errors.ts";
import { area } from "../../geometry/box.ts";
import type { Random } from "../../random.ts";
import { type Annotation, cellCategories, type Dataset, visibleCells } from "../dataset.ts";
import {
  byCluster,
  byCorner,
  byImage,
  CLUSTER,
  degrees,
  NEARLY_ALL,
  ODDS_OF_CLASS,
  ODDS_OF_DEGREE,
  preferring,
  type Ranking,
} from "./rankings.ts";

interface Kind {
  readonly name: string;
  /** Which cells are marked: of help and reports. */
  readonly about: string;
  /** Why it cannot be used on a dataset with these cells, after the dataset's name; null where it can. */
  readonly fault?: (cells: readonly Annotation[], dataset: Dataset) => string | null;
  readonly rank: Ranking;
}

export const biases = [
  {
    name: "size",
    about: `large cells first; the odds of the largest are ${ODDS_OF_DEGREE} times those of the smallest`,
    fault: (cells, dataset) =>
      cells.length > 1 && haveOneSize(cells, dataset)
        ? "all boxes have the same size, so no cell is larger than another; choose another bias, such as dark"
        : null,
    rank: (cells, { random }) => preferring(cells, degrees(cells.map(({ box }) => area(box))), random),
  },
  {
    name: "dark",
    about: `dark cells first, compared with their image; the odds of the darkest are ${ODDS_OF_DEGREE} times those of the palest`,
    rank: async (cells, { dataset, random }) => {
      const { darkness } = await import("./darkness.ts"); // the decoder is slow to load
      const values = await darkness(dataset, cells);
      if (values.length > 1 && new Set(values).size === 1)
        throw new UserError(`${dataset.dir}: all cells are equally dark; choose another bias than dark`);
      return preferring(cells, degrees(values), random);
    },
  },
  {
    name: "corner",
    about: "the cells nearest to one corner of each image; the seed draws the corner",
    rank: byCorner,
  },
  {
    name: "uneven-images",
    about: `some images nearly complete (${100 * NEARLY_ALL} % of their cells), the others nearly empty`,
    rank: byImage,
  },
  {
    name: "uneven-classes",
    about: `the first class more than the others; its odds are ${ODDS_OF_CLASS} times theirs`,
    fault: (cells, dataset) =>
      classesOf(cells, dataset).length < 2
        ? "the training images have marks of fewer than two classes; choose another bias than uneven-classes"
        : null,
    rank: (cells, { dataset, random }) => {
      const [first] = classesOf(cells, dataset);
      return preferring(
        cells,
        cells.map(({ categoryId }) => (categoryId === first ? Math.log(ODDS_OF_CLASS) : 0)),
        random,
      );
    },
  },
  {
    name: "clusters",
    about: `groups of ${CLUSTER} neighbours; the seed draws the first of each group`,
    rank: byCluster,
  },
] as const satisfies readonly Kind[];

/** A kind of bias, as `data sparsify --bias` takes it: its page in docs/reference/commands.md describes each. */
export type Bias = (typeof biases)[number]["name"];

export const biasNames: readonly Bias[] = biases.map(({ name }) => name);

const kindNamed = (bias: Bias): Kind => {
  const kind = biases.find(({ name }) => name === bias);
  if (!kind) throw new UserError(`unknown bias "${bias}"; expected one of ${biasNames.join(", ")}`);
  return kind;
};

/** "large cells first; …". */
export const biasText = (bias: Bias): string => kindNamed(bias).about;

/** Throws a UserError when the visible cells of the training images cannot be marked with this bias. */
export function requireBias(dataset: Dataset, bias: Bias): void {
  const fault = kindNamed(bias).fault?.(visibleCells(dataset), dataset) ?? null;
  if (fault !== null) throw new UserError(`${dataset.dir}: ${fault}`);
}

/** The visible cells of the training images in the order in which they are marked. Throws a UserError as `requireBias` does. */
export async function rankedCells(dataset: Dataset, bias: Bias, random: Random): Promise<readonly Annotation[]> {
  requireBias(dataset, bias);
  return kindNamed(bias).rank(random.shuffled(visibleCells(dataset)), { dataset, random });
}

/** Whether boxes differ in size for no other reason than that the border of their image cuts some. */
function haveOneSize(cells: readonly Annotation[], { images }: Dataset): boolean {
  const byId = new Map(images.map((image) => [image.id, image]));
  const isCut = ({ imageId, box: [x1, y1, x2, y2] }: Annotation): boolean => {
    const { width, height } = byId.get(imageId) ?? { width: 0, height: 0 };
    return x1 <= 0 || y1 <= 0 || x2 >= width || y2 >= height;
  };
  const whole = cells.filter((cell) => !isCut(cell));
  const areas = (whole.length > 0 ? whole : cells).map(({ box }) => area(box));
  const [least, most] = areas.reduce(([a, b], value) => [Math.min(a, value), Math.max(b, value)], [Infinity, 0]);
  return most - least <= 1e-6 * most; // sides are differences of decimal fractions
}

/** Of the categories that cells have, in the dataset's order. */
function classesOf(cells: readonly Annotation[], dataset: Dataset): number[] {
  const marked = new Set(cells.map(({ categoryId }) => categoryId));
  return cellCategories(dataset).flatMap(({ id }) => (marked.has(id) ? [id] : []));
}
