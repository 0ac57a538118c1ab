// The error for weight files, and how foreign text (names, keys) is quoted and made printable in its message.

/**
 * A weight file that cannot be read or written. The message is one line: the file's path and what is wrong.
 *
 * @example
 * try {
 *   readWeights("model.pth");
 * } catch (error) {
 *   if (error instanceof WeightFileError) console.error(error.message);
 * }
 */
export class WeightFileError extends Error {
  override readonly name = "WeightFileError";

  constructor(path: string, what: string) {
    super(`${path}: ${what}`);
  }
}

const LONGEST_QUOTE = 100;

/** Foreign text for a message: quoted, cut, with every control, format or invisible character escaped. */
export function quote(text: string): string {
  const cut = text.length > LONGEST_QUOTE ? `${text.slice(0, LONGEST_QUOTE)}…` : text;
  return JSON.stringify(cut).replace(/[\p{C}\p{Zl}\p{Zp}]/gu, (character) => `\\u{${character.codePointAt(0)?.toString(16)}}`);
}

/** The system's reason ("no space left on device") from a caught value. */
export function systemReason(error: unknown): string {
  const text = error instanceof Error ? error.message : String(error);
  return text
    .split("\n", 1)[0]
    .replace(/^E[A-Z]+: /, "")
    .replace(/, [a-z]+( '.*')?$/, "");
}
