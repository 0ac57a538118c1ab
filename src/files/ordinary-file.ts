// Refuses pipes and devices before they are opened: opening a named pipe waits for its writer, and a device may never end.

import { type Stats, statSync } from "node:fs";
import { UserError } from "../errors.ts";

/**
 * The status of a file. Throws a UserError that asks for `wanted` when it is not a regular file, and the system's error when
 * it is missing.
 */
export function requireOrdinaryFile(file: string, wanted: string): Stats {
  const status = statSync(file);
  if (status.isFile()) return status;
  throw new UserError(`${file}: is ${status.isDirectory() ? "a folder" : "not a regular file"}; pass ${wanted}`);
}
