// Ids of a dataset's images, categories and annotations: those of the file they come from, wherever these are whole numbers, so
// that results made against the file fit the dataset too.

import type { SourceId } from "./source.ts";

export interface KeptId {
  readonly id: number;
  /** The file's id, where it is not `id`. */
  readonly sourceId?: SourceId;
}

/**
 * An id for each of `ids`. Whole numbers are kept, also those written as text ("7"); the first keeps one that comes twice. All
 * others are numbered above the highest that is kept, from 1.
 */
export function keptIds(ids: readonly (SourceId | undefined)[]): KeptId[] {
  const taken = new Set<number>();
  let next = 1;
  const kept = ids.map((id) => {
    const number = id === undefined ? null : wholeNumber(id);
    if (number === null || taken.has(number)) return null;
    taken.add(number);
    next = Math.max(next, number + 1);
    return number;
  });
  return kept.map((id, i) => {
    if (id !== null) return { id };
    const sourceId = ids[i];
    return { id: next++, ...(sourceId === undefined ? {} : { sourceId }) };
  });
}

function wholeNumber(id: SourceId): number | null {
  const number = Number(id);
  return Number.isSafeInteger(number) && Math.abs(number) < MAX_ID && String(number) === String(id) ? number : null;
}

const MAX_ID = 2 ** 52; // leaves room to count on
