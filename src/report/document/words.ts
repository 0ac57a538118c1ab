// Numbers and counts as texts.

/** "1 run", "3 runs", "1,250 cells". */
export const counted = (count: number, noun: string): string => `${thousands(count)} ${noun}${count === 1 ? "" : "s"}`;

/** A whole number with its thousands apart. */
export const thousands = (count: number): string => count.toLocaleString("en-US");

/** "Recall": for the beginning of a title. */
export const capital = (text: string): string => text.charAt(0).toUpperCase() + text.slice(1);

/** "FPN, BDE and LS" */
export const listed = (words: readonly string[]): string =>
  words.length < 2 ? words.join() : `${words.slice(0, -1).join(", ")} and ${words[words.length - 1]}`;

/** A fraction as per cent; a dash when it is not finite. */
export const formatPercent = (fraction: number): string => (Number.isFinite(fraction) ? `${(100 * fraction).toFixed(1)} %` : "–");

/** A number with three significant digits, whole from 100 on; a dash when it is not finite. */
export function formatNumber(value: number): string {
  if (!Number.isFinite(value)) return "–";
  return String(Math.abs(value) >= 100 ? Math.round(value) : Number(value.toPrecision(3)));
}

/** A mean as a table shows it: per cent without the sign; a dash without a value. */
export function formatMean(
  { percent, digits = 1 }: { readonly percent: boolean; readonly digits?: number },
  value: number,
): string {
  if (!Number.isFinite(value)) return "–";
  const text = (percent ? 100 * value : value).toFixed(digits);
  return Number(text) === 0 ? text.replace("-", "") : text.replace("-", "−");
}

/** A difference of fractions in percentage points with its sign: "+1.2", "−0.4". */
export function formatPoints(difference: number): string {
  if (!Number.isFinite(difference)) return "–";
  const text = Math.abs(100 * difference).toFixed(1);
  return Number(text) === 0 ? "0.0" : `${difference < 0 ? "−" : "+"}${text}`;
}

/** Versions of programs as one line. */
export const versionsText = (versions: Readonly<Record<string, string>>): string =>
  Object.entries(versions)
    .map(([name, value]) => `${name} ${value}`)
    .join(", ");
