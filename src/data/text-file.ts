// Reading a whole text file of a user's: UTF-8, with or without a byte order mark.

import { isUtf8 } from "node:buffer";
import { readFileSync } from "node:fs";
import { reason, UserError } from "../errors.ts";

/** The text without its byte order mark. Throws a UserError when the file is missing, unreadable or not UTF-8. */
export function readTextFile(file: string): string {
  let text: string;
  try {
    const bytes = readFileSync(file);
    if (!isUtf8(bytes)) throw new UserError(`${file}: is not UTF-8 text; save it as UTF-8 and try again`);
    text = bytes.toString("utf8");
  } catch (error) {
    if (error instanceof UserError) throw error;
    throw new UserError(`${file}: cannot be read: ${reason(error)}; check the path`);
  }
  return text.charCodeAt(0) === 0xfeff ? text.slice(1) : text;
}
