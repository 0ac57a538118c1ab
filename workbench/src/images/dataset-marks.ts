// The marks of a dataset as the page has them, and its classes.

import type { Cell, CellClass, Id, Region } from "../api.ts";
import { cellCategories, type Dataset, median } from "../sparsecell.ts";
import { imageId } from "./found.ts";

export interface Marks {
  readonly cells: readonly Cell[];
  readonly regions: readonly Region[];
}

export const noMarks: Marks = { cells: [], regions: [] };

/** Ids that are the same each time; letters and digits, at least 8. */
const numbered = (letter: string, number: number): Id =>
  `${letter}${number < 0 ? "m" : ""}${String(Math.abs(number)).padStart(9, "0")}`;

/** Colours that are told apart by people who see colours differently (Okabe and Ito, 2008), the darkest first left out. */
const COLOURS = ["#e69f00", "#56b4e9", "#009e73", "#f0e442", "#0072b2", "#d55e00", "#cc79a7"];

export const colourOf = (index: number): string => COLOURS[index % COLOURS.length];

/** What a click makes where nothing is known of the cells. */
export const defaultSize = (knowsMicrons: boolean): number => (knowsMicrons ? 8 : 16);

/** The classes of a dataset; the side of each is the median of its boxes. */
export function classesOf(dataset: Dataset): CellClass[] {
  const mppOf = new Map(dataset.images.map(({ id, mpp }) => [id, mpp]));
  const knowsMicrons = dataset.images.some(({ mpp }) => mpp !== undefined);
  return cellCategories(dataset).map(({ id, name }, i) => {
    const sides = dataset.annotations
      .filter(({ categoryId }) => categoryId === id)
      .flatMap(({ imageId, box: [x1, y1, x2, y2] }) => {
        const mpp = mppOf.get(imageId);
        if (knowsMicrons && mpp === undefined) return [];
        return Math.sqrt((x2 - x1) * (y2 - y1)) * (mpp ?? 1);
      });
    const size = sides.length === 0 ? defaultSize(knowsMicrons) : Math.round(10 * median(sides)) / 10;
    return { id: numbered("c", id), name, colour: colourOf(i), size: Math.max(0.1, size) };
  });
}

/** By the id of the image. */
export function marksOf(dataset: Dataset): Map<Id, Marks> {
  const negative = new Set(dataset.categories.filter(({ negative }) => negative).map(({ id }) => id));
  const found = new Map<number, { image: Id; cells: Cell[]; regions: Region[] }>();
  for (const { id, fileName, regions = [] } of dataset.images) {
    const image = imageId(fileName);
    found.set(id, {
      image,
      cells: [],
      regions: regions.map(({ kind, rings: [ring, ...holes] }, i) => ({
        id: `${numbered("r", id)}n${i}`,
        image,
        kind,
        ring,
        ...(holes.length > 0 && { holes }),
      })),
    });
  }
  for (const { id, imageId, categoryId, box, hidden } of dataset.annotations) {
    const of = found.get(imageId);
    of?.cells.push({
      id: numbered("a", id),
      image: of.image,
      box,
      classId: negative.has(categoryId) ? null : numbered("c", categoryId),
      from: "dataset",
      ...(hidden && { hidden: true as const }),
    });
  }
  return new Map([...found.values()].map(({ image, ...marks }) => [image, marks]));
}
