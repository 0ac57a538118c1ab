// UserError: something the person at the keyboard can mend. Its message is one line: what is wrong, where
// (file and line), what to do. The command line prints it and exits with 1; every other error is a defect.

export class UserError extends Error {
  override readonly name = "UserError";
}

/** The system's own reason ("no space left on device") out of a caught value, in one line. */
export function reason(error: unknown): string {
  const text = error instanceof Error ? error.message : String(error);
  return text
    .split("\n", 1)[0]
    .replace(/^E[A-Z]+: /, "")
    .replace(/, [a-z]+( '.*')?$/, "");
}
