/** The index of the first of the ascending `values` that is ≥ `least`; their count when there is none. */
export function firstAtLeast(values: Float32Array | Float64Array, least: number): number {
  let low = 0;
  let high = values.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (values[middle] < least) low = middle + 1;
    else high = middle;
  }
  return low;
}
