// Extracts the elements of a tensor from its storage contiguously: as a view if they already are, otherwise as a copy.

import type { PickledTensor } from "./pickle-values.ts";
import { ITEM_SIZE, product } from "./raw-tensor.ts";

/** Bytes that may still be copied. A few bytes of pickle can ask for the same large storage again and again, or for a view
 *  that repeats one element a billion times; the budget keeps that in proportion to the file. */
export interface CopyBudget {
  bytes: number;
}

/** Row-major bytes, or the reason why there are none: the view reaches outside the storage or exceeds the budget. */
export function contiguousBytes(tensor: PickledTensor, storage: Uint8Array, budget: CopyBudget): Uint8Array | string {
  const itemSize = ITEM_SIZE[tensor.storage.dtype];
  const numel = product(tensor.shape);
  if (numel === 0) return new Uint8Array(0);
  if (numel === undefined || lastElement(tensor) >= BigInt(storage.length / itemSize)) {
    return `offset ${tensor.offset}, shape [${tensor.shape.join(", ")}] and strides [${tensor.strides.join(", ")}] reach outside its storage of ${storage.length / itemSize} elements`;
  }
  const start = tensor.offset * itemSize;
  if (isContiguous(tensor)) return storage.subarray(start, start + numel * itemSize);
  budget.bytes -= numel * itemSize;
  if (budget.bytes < 0) return "its view repeats the same values until it is much larger than the file; store it contiguous";
  return gather(tensor, storage, itemSize, numel);
}

function lastElement({ offset, shape, strides }: PickledTensor): bigint {
  return shape.reduce((last, size, d) => last + BigInt(size - 1) * BigInt(strides[d]), BigInt(offset));
}

function isContiguous({ shape, strides }: PickledTensor): boolean {
  let expected = 1;
  for (let d = shape.length - 1; d >= 0; d--) {
    if (shape[d] !== 1 && strides[d] !== expected) return false;
    expected *= shape[d];
  }
  return true;
}

function gather({ offset, shape, strides }: PickledTensor, storage: Uint8Array, itemSize: number, numel: number): Uint8Array {
  const result = new Uint8Array(numel * itemSize);
  const index = shape.map(() => 0);
  let source = offset * itemSize;
  for (let target = 0; ; ) {
    for (let b = 0; b < itemSize; b++) result[target++] = storage[source + b];
    if (target === result.length) return result;
    let d = shape.length - 1; // the next index, as an odometer turns
    while (++index[d] === shape[d]) {
      index[d] = 0;
      source -= (shape[d] - 1) * strides[d] * itemSize;
      d--;
    }
    source += strides[d] * itemSize;
  }
}
