// Rows of [K, 4] arrays of boxes or codes, picked and put together.

/** The rows at `indices`, in their order. */
export function rowsAt(rows: Float32Array, indices: Int32Array): Float32Array {
  const result = new Float32Array(indices.length * 4);
  indices.forEach((index, i) => result.set(rows.subarray(4 * index, 4 * index + 4), 4 * i));
  return result;
}

/** All parts, one after another. */
export function joined(parts: readonly Float32Array[]): Float32Array {
  const result = new Float32Array(parts.reduce((length, part) => length + part.length, 0));
  let at = 0;
  for (const part of parts) {
    result.set(part, at);
    at += part.length;
  }
  return result;
}
