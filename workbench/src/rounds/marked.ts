// What is marked on an image, as trainings, the queue and exports take it.

import type { Cell, Id, Region } from "../api.ts";
import type { ProjectState } from "../project/state.ts";

/** Without true cells that no training sees: they are nobody's marks. */
export const markedCells = (state: ProjectState, image: Id): Cell[] => [...state.cellsOf(image)].filter(({ hidden }) => !hidden);

/** The outline and the holes of each region in one list, as sparsecell has them. */
export const asRings = (regions: Iterable<Region>) =>
  Array.from(regions, ({ kind, ring, holes = [] }) => ({ kind, rings: [ring, ...holes] }));
