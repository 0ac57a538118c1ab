// A decimal number in a text file. `Number` alone would also take "", "0x10" and "Infinity".

const DECIMAL = /^[+-]?(?:\d+\.?\d*|\.\d+)(?:e[+-]?\d+)?$/i;

/** The number that `text` is, spaces around it aside; NaN when it is none, or not below a thousand million. */
export function decimal(text: string): number {
  const value = DECIMAL.test(text.trim()) ? Number(text) : Number.NaN;
  return Math.abs(value) < 1e9 ? value : Number.NaN;
}
