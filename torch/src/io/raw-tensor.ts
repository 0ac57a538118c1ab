// A tensor as weight files hold it: plain bytes that say what they are. No native code here.

import type { Dtype } from "../dtype.ts";

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

/** No tensor of a network comes near; a bound for foreign files. */
export const MAX_DIMENSIONS = 64;

/** The product of sizes, or undefined where it leaves the safe integers. Sizes are non-negative safe integers. */
export function product(sizes: readonly number[]): number | undefined {
  let result = 1;
  for (const size of sizes) {
    result *= size;
    if (!Number.isSafeInteger(result)) return undefined;
  }
  return result;
}

/** Bytes of a tensor, or undefined where they leave the safe integers. */
export function byteLength(shape: readonly number[], dtype: Dtype): number | undefined {
  return product([...shape, ITEM_SIZE[dtype]]);
}
