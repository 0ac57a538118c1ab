import { type Stats, statSync } from "node:fs";
import { UserError } from "../errors.ts";

/**
 * What the system says of a file, before it is opened: opening a named pipe would wait for its writer, and a device may never
 * end. Throws a UserError when it is no ordinary file ("give `wanted`"), and the system's error when it is missing.
 */
export function requireOrdinaryFile(file: string, wanted: string): Stats {
  const status = statSync(file);
  if (status.isFile()) return status;
  throw new UserError(`${file}: is ${status.isDirectory() ? "a folder" : "no ordinary file"}; give ${wanted}`);
}
