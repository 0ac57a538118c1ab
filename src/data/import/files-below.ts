// The files of some kinds in a user's folder and its subfolders.

import { type Dirent, readdirSync } from "node:fs";
import { extname, join } from "node:path";
import { reason, UserError } from "../../errors.ts";

export interface FileKinds {
  /** In lower case, with the dot; files in any case are found. */
  readonly extensions: readonly string[];
  /** What they are to the user, for the error: "images". */
  readonly noun: string;
}

/**
 * Paths below `folder`, with / between folders, sorted; hidden files and folders are passed over. Throws a UserError when the
 * folder or one below it cannot be read.
 */
export function filesBelow(folder: string, kinds: FileKinds): string[] {
  return unsorted(folder, kinds).sort((a, b) => (a < b ? -1 : 1));
}

function unsorted(folder: string, kinds: FileKinds): string[] {
  let entries: Dirent[];
  try {
    entries = readdirSync(folder, { withFileTypes: true });
  } catch (error) {
    throw new UserError(`${folder}: cannot be read: ${reason(error)}; check the path of the ${kinds.noun}`);
  }
  return entries.flatMap((entry) => {
    if (entry.name.startsWith(".")) return [];
    if (entry.isDirectory()) return unsorted(join(folder, entry.name), kinds).map((path) => `${entry.name}/${path}`);
    return kinds.extensions.includes(extname(entry.name).toLowerCase()) ? [entry.name] : [];
  });
}
