// Checks, before a text is parsed, that the result fits into the heap: V8 aborts the process when it does not.

import { getHeapStatistics } from "node:v8";
import { UserError } from "../errors.ts";

/** An upper bound, for ordinary files, of the heap bytes that a parsed character costs. */
export interface HeapCost {
  readonly each: number;
  /** On top of `each`, for some characters. */
  readonly more: { readonly [character: string]: number };
}

export const TEXT_COST: HeapCost = { each: 2, more: {} };

/** Text, keys and numbers; objects and arrays; properties. Measured on Node 20, and doubled for what is built from them. */
export const JSON_COST: HeapCost = { each: 8, more: { "{": 56, "[": 56, ":": 40 } };

/** As JSON_COST for rows that are parsed one by one: a row becomes a mark and an annotation. */
export const JSON_ROWS_COST: HeapCost = { each: 1, more: { "{": 500 } };

/** A row becomes a point, a mark and an annotation. */
export const CSV_COST: HeapCost = { each: 4, more: { "\n": 600 } };

/** An element becomes an object with its attributes; most have an opening and a closing tag. */
export const XML_COST: HeapCost = { each: 4, more: { "<": 300 } };

/** As `XML_COST`, when elements are released one after another and only the marks stay. */
export const XML_STREAM_COST: HeapCost = { each: 1, more: { "<": 100 } };

const SMALL = 2 ** 24; // bytes: always fits
const BLOCK = 2 ** 20; // bytes: the cost of so many is a small integer, which V8 adds fastest

/** Throws a UserError that names the file when parsing it takes more memory than the heap has left. */
export function requireHeapRoom(file: string, bytes: Uint8Array, cost: HeapCost): void {
  requireHeapRoomInParts(file, bytes.length, [bytes], cost);
}

/** The same for a file of `size` bytes that is read in parts; the parts are read only when the file is large. */
export function requireHeapRoomInParts(file: string, size: number, parts: Iterable<Uint8Array>, cost: HeapCost): void {
  if (size < SMALL) return;
  const { heap_size_limit: limit, used_heap_size: used } = getHeapStatistics();
  let needed = used;
  for (const part of parts) needed += costOf(part, cost);
  if (needed <= limit) return;
  const megabytes = (count: number): number => Math.round(count / 1e6);
  throw new UserError(
    `${file}: has ${megabytes(size)} MB, which may take ${megabytes(needed)} MB of memory, and this process has ${megabytes(limit)}; ` +
      `cut it into smaller files, or set NODE_OPTIONS=--max-old-space-size=${Math.ceil(needed / 2 ** 20)}`,
  );
}

export function costOf(bytes: Uint8Array, { each, more }: HeapCost): number {
  const costs = new Int32Array(256).fill(each);
  for (const [character, cost] of Object.entries(more)) costs[character.charCodeAt(0)] += cost;
  let sum = 0;
  for (let start = 0; start < bytes.length; start += BLOCK) {
    const end = Math.min(bytes.length, start + BLOCK);
    let part = 0;
    for (let i = start; i < end; i++) part = (part + costs[bytes[i]]) | 0;
    sum += part;
  }
  return sum;
}
