// UserError: something the person at the keyboard can mend. Its message is one line: what is wrong, where
// (file and line), what to do. The command line prints it and exits with 1; every other error is a defect.

export class UserError extends Error {
  override readonly name = "UserError";

  constructor(message: string) {
    super(printable(shortened(message)));
  }
}

const LONGEST = 1000; // characters

const shortened = (text: string): string =>
  text.length <= LONGEST ? text : `${text.slice(0, LONGEST - 300)}…${text.slice(-299)}`;

/**
 * Text for one line of a terminal, whatever foreign names are in it: control characters, line ends and signs that turn the
 * direction of writing become escapes such as \u001b.
 */
export function printable(text: string): string {
  return text.replace(UNPRINTABLE, (sign) => `\\u${sign.charCodeAt(0).toString(16).padStart(4, "0")}`);
}

const UNPRINTABLE = /[\p{Cc}\p{Zl}\p{Zp}\p{Bidi_Control}]/gu;

/** The system's own reason ("no space left on device") out of a caught value, in one line. */
export function reason(error: unknown): string {
  const text = error instanceof Error ? error.message : String(error);
  return text
    .split("\n", 1)[0]
    .replace(/^E[A-Z]+: /, "")
    .replace(/, [a-z]+( '.*')?$/, "");
}
