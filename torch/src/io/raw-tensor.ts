// A tensor as stored in weight files. No native code here.

import type { Dtype } from "../dtype.ts";

/** Bytes with their dtype and shape. */
export interface RawTensor {
  dtype: Dtype;
  shape: number[];
  /** Little-endian, contiguous, row-major; its length is the number of elements times the element size. */
  data: Uint8Array;
}

/** Bytes per element. */
export const ITEM_SIZE: Readonly<Record<Dtype, number>> = {
  float64: 8,
  int64: 8,
  float32: 4,
  int32: 4,
  bfloat16: 2,
  float16: 2,
  int16: 2,
  int8: 1,
  uint8: 1,
  bool: 1,
};

/** A limit for foreign files, far beyond any tensor of a network. */
export const MAX_DIMENSIONS = 64;

/** The product of sizes (non-negative safe integers); undefined when it exceeds the safe integers. */
export function product(sizes: readonly number[]): number | undefined {
  let result = 1;
  for (const size of sizes) {
    result *= size;
    if (!Number.isSafeInteger(result)) return undefined;
  }
  return result;
}

/** The bytes of a tensor; undefined when they exceed the safe integers. */
export function byteLength(shape: readonly number[], dtype: Dtype): number | undefined {
  return product([...shape, ITEM_SIZE[dtype]]);
}
