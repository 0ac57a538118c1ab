// Orders in which people mark cells.

import { type Box, centre } from "../../geometry/box.ts";
import { firstAtLeast } from "../../geometry/first-at-least.ts";
import type { Random } from "../../random.ts";
import type { Annotation, Dataset } from "../dataset.ts";

/** Of the largest or darkest cell against the smallest or palest: a preference, not a rule. */
export const ODDS_OF_DEGREE = 100;
/** Of the first class against the others. */
export const ODDS_OF_CLASS = 4;
/** Part of an image's cells that are marked when it is the image's turn; the others may be marked at any time. */
export const NEARLY_ALL = 0.9;
/** Cells of a cluster. */
export const CLUSTER = 8;

/** The cells of training images in the order in which they are marked; they come in random order. */
export type Ranking = (
  cells: readonly Annotation[],
  given: { readonly dataset: Dataset; readonly random: Random },
) => readonly Annotation[] | Promise<readonly Annotation[]>;
type Given = Parameters<Ranking>[1];

/**
 * By preferences in log odds: at any rate, the odds of a mark of two cells differ by the exponential of the difference of their
 * preferences, because the noise is logistic.
 */
export function preferring(cells: readonly Annotation[], preferences: readonly number[], random: Random): Annotation[] {
  const keys = preferences.map((preference) => {
    const u = random.uniform(Number.EPSILON, 1);
    return Math.log((1 - u) / u) - preference;
  });
  return ascending(cells, keys);
}

/** Preferences that rise evenly from the least value to the greatest. Equal values have equal ones. */
export function degrees(values: readonly number[]): number[] {
  const sorted = Float64Array.from(values).sort();
  const most = Math.max(1, values.length - 1);
  return values.map((value) => (Math.log(ODDS_OF_DEGREE) * firstAtLeast(sorted, value)) / most);
}

/** By distance from the corner, in parts of the image's sides. */
export function byCorner(cells: readonly Annotation[], { dataset, random }: Given): Annotation[] {
  const corners = new Map(
    dataset.images.map(({ id, width, height }) => [id, { width, height, x: random.integer(2), y: random.integer(2) }]),
  );
  const keys = cells.map(({ imageId, box }) => {
    const { width, height, x, y } = corners.get(imageId) ?? { width: 1, height: 1, x: 0, y: 0 };
    const [cx, cy] = centre(box);
    return Math.hypot(cx / width - x, cy / height - y);
  });
  return ascending(cells, keys);
}

/** Images have turns, one after the other; a cell is marked in the turn of its image, or at any time. */
export function byImage(cells: readonly Annotation[], { random }: Given): Annotation[] {
  const counts = new Map<number, number>();
  for (const { imageId } of cells) counts.set(imageId, (counts.get(imageId) ?? 0) + 1);
  const turns = new Map<number, readonly [start: number, end: number]>();
  let done = 0;
  for (const [imageId, count] of random.shuffled([...counts])) turns.set(imageId, [done, (done += count)]);
  const keys = cells.map(({ imageId }) => {
    const anyTime = [0, cells.length] as const;
    return random.uniform(...(random.uniform() < NEARLY_ALL ? (turns.get(imageId) ?? anyTime) : anyTime));
  });
  return ascending(cells, keys);
}

/** The first cell that is left, with its nearest neighbours among those that are left on its image; then the next. */
export function byCluster(cells: readonly Annotation[]): Annotation[] {
  const left = new Map<number, Set<Annotation>>();
  for (const cell of cells) left.set(cell.imageId, (left.get(cell.imageId) ?? new Set()).add(cell));
  return cells.flatMap((cell) => {
    const others = left.get(cell.imageId);
    if (!others?.has(cell)) return [];
    others.delete(cell);
    const neighbours = nearest(cell.box, others, CLUSTER - 1);
    for (const neighbour of neighbours) others.delete(neighbour);
    return [cell, ...neighbours];
  });
}

/** The `count` cells nearest to a box, nearest first. */
function nearest(box: Box, cells: Iterable<Annotation>, count: number): Annotation[] {
  const [x, y] = centre(box);
  const found: { cell: Annotation; distance: number }[] = [];
  for (const cell of cells) {
    const [cx, cy] = centre(cell.box);
    const distance = Math.hypot(cx - x, cy - y);
    if (found.length === count && distance >= found[count - 1].distance) continue;
    const at = found.findIndex((other) => distance < other.distance);
    found.splice(at === -1 ? found.length : at, 0, { cell, distance });
    if (found.length > count) found.pop();
  }
  return found.map(({ cell }) => cell);
}

const ascending = (cells: readonly Annotation[], keys: readonly number[]): Annotation[] =>
  cells
    .map((cell, i) => ({ cell, key: keys[i] }))
    .sort((a, b) => a.key - b.key)
    .map(({ cell }) => cell);
