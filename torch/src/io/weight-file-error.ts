// A weight file that cannot be read or written. The message is one line that begins with the file's path and says what
// is wrong. What a foreign file says of itself (names, keys) is quoted and made printable before it enters a message.

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

/** The system's own reason ("no space left on device") out of a caught value. */
export function systemReason(error: unknown): string {
  const text = error instanceof Error ? error.message : String(error);
  return text
    .split("\n", 1)[0]
    .replace(/^E[A-Z]+: /, "")
    .replace(/, [a-z]+( '.*')?$/, "");
}
