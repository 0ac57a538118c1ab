/** An area with two decimals, or as many as show the first two digits of `scale`: 1.23, 0.0012. */
export function areaText(mm2: number, scale = mm2): string {
  const decimals = scale > 0 ? Math.max(2, 1 - Math.floor(Math.log10(scale))) : 2;
  return mm2.toFixed(Math.min(12, decimals));
}
