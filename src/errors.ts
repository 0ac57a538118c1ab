// Errors for people. The command line prints a UserError and exits with 1; any other error is a defect.

/**
 * Something the user can fix. Its message is one line: where (file and line), what is wrong, what to do.
 *
 * @example
 * try {
 *   readDataset("data/mine");
 * } catch (error) {
 *   if (!(error instanceof UserError)) throw error;
 *   console.error(error.message);
 * }
 */
export class UserError extends Error {
  override readonly name = "UserError";

  constructor(message: string) {
    super(printable(shortened(message)));
  }
}

const MAX_LENGTH = 1000; // characters

const shortened = (text: string): string =>
  text.length <= MAX_LENGTH ? text : `${text.slice(0, MAX_LENGTH - 300)}…${text.slice(-299)}`;

/**
 * Text for one line of a terminal, whatever names it contains: control characters, line breaks and marks that change the
 * writing direction become escapes such as \u001b.
 */
export function printable(text: string): string {
  return text.replace(UNPRINTABLE, (sign) => `\\u${sign.charCodeAt(0).toString(16).padStart(4, "0")}`);
}

const UNPRINTABLE = /[\p{Cc}\p{Zl}\p{Zp}\p{Bidi_Control}]/gu;

/** The error for a file or folder that cannot be written, with the system's reason. */
export const unwritable = (path: string, error: unknown): UserError =>
  new UserError(`${path}: cannot be written: ${reason(error)}; free some space or choose another folder`);

/** The system's reason ("no space left on device") from a caught value, in one line. */
export function reason(error: unknown): string {
  const text = error instanceof Error ? error.message : String(error);
  return text
    .split("\n", 1)[0]
    .replace(/^E[A-Z]+: /, "")
    .replace(/, [a-z]+( '.*')?$/, "");
}
