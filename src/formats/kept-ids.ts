// Ids of a dataset's images, categories and annotations: those of the file they come from, wherever these are whole numbers, so
// that results made against the file fit the dataset too.

import type { SourceId, SourceIds } from "./source.ts";

export interface KeptId {
  readonly id: number;
  /** The file's id, where it is not `id`; all of them, where the file has several. */
  readonly sourceId?: SourceIds;
}

/**
 * An id for each of `ids`. Whole numbers are kept, also those written as text ("7"); the first keeps one that comes twice. All
 * others are numbered above the highest that is kept, from 1. Of several ids of one thing the first counts.
 */
export function keptIds(ids: readonly (SourceIds | undefined)[]): KeptId[] {
  return keptNumbers(ids.map((each) => (isSeveral(each) ? each[0] : each))).map((id, i) => {
    const sourceId = ids[i];
    if (isSeveral(sourceId)) return { id, sourceId };
    return sourceId === undefined || String(sourceId) === String(id) ? { id } : { id, sourceId };
  });
}

/** The ids alone, for lists of a million. */
export function keptNumbers(ids: readonly (SourceId | undefined)[]): number[] {
  const numbers: number[] = [];
  const taken = new Set<number>();
  let next = 1;
  for (const id of ids) {
    const number = id === undefined ? Number.NaN : wholeNumber(id);
    if (Number.isNaN(number) || taken.has(number)) numbers.push(Number.NaN);
    else {
      taken.add(number);
      next = Math.max(next, number + 1);
      numbers.push(number);
    }
  }
  for (const [i, number] of numbers.entries()) if (Number.isNaN(number)) numbers[i] = next++;
  return numbers;
}

const isSeveral = (ids: SourceIds | undefined): ids is readonly SourceId[] => typeof ids === "object";

/** NaN for an id that is no whole number. */
function wholeNumber(id: SourceId): number {
  const number = Number(id);
  const isWhole = Number.isSafeInteger(number) && Math.abs(number) < MAX_ID;
  return isWhole && (typeof id === "number" || String(number) === id) ? number : Number.NaN;
}

const MAX_ID = 2 ** 52; // leaves room to count on
