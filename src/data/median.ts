/** The upper one of two middle values; 0 of none. */
export const median = (values: readonly number[]): number => Float64Array.from(values).sort()[values.length >> 1] ?? 0;
