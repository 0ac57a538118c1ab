// Decimal numbers in text files.

/** What a decimal number looks like; `Number` alone would also take "", "0x10" and "Infinity". */
export const DECIMAL = /^[+-]?(?:\d+\.?\d*|\.\d+)(?:e[+-]?\d+)?$/i;

/** The number in `text`, which may have spaces around it; NaN when it is not a number, or not between −10⁹ and 10⁹. */
export function decimal(text: string): number {
  const value = DECIMAL.test(text.trim()) ? Number(text) : Number.NaN;
  return Math.abs(value) < 1e9 ? value : Number.NaN;
}
