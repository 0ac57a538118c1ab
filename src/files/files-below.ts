// The files of some kinds in a user's folder and its subfolders.

import { type Dirent, readdirSync, realpathSync, statSync } from "node:fs";
import { extname, join } from "node:path";
import { reason, UserError } from "../errors.ts";

export interface FileKinds {
  /** In lower case, with the dot; files in any case are found. */
  readonly extensions: readonly string[];
  /** What they are to the user, for the error: "images". */
  readonly noun: string;
}

/**
 * Paths below `folder`, with / between folders, sorted; hidden files and folders are passed over. Links to folders are
 * followed, each folder once, but never to one that holds the link. Throws a UserError when the folder or one below it cannot
 * be read.
 */
export function filesBelow(folder: string, kinds: FileKinds): string[] {
  return unsorted(folder, kinds, { above: [], linked: new Set() }).sort((a, b) => (a < b ? -1 : 1));
}

interface Way {
  /** The folders on the way here, without links. */
  readonly above: readonly string[];
  /** Those that a link led to. */
  readonly linked: Set<string>;
}

function unsorted(folder: string, kinds: FileKinds, { above, linked }: Way): string[] {
  let entries: Dirent[];
  let real: string;
  try {
    entries = readdirSync(folder, { withFileTypes: true });
    real = realpathSync(folder);
  } catch (error) {
    throw new UserError(`${folder}: cannot be read: ${reason(error)}; check the path of the ${kinds.noun}`);
  }
  const way = { above: [...above, real], linked };
  return entries.flatMap((entry) => {
    if (entry.name.startsWith(".")) return [];
    const path = join(folder, entry.name);
    const target = entry.isSymbolicLink() ? linkedFolder(path) : null;
    if (target !== null) {
      if (way.above.includes(target) || linked.has(target)) return [];
      linked.add(target);
    }
    if (target !== null || entry.isDirectory()) return unsorted(path, kinds, way).map((inner) => `${entry.name}/${inner}`);
    return kinds.extensions.includes(extname(entry.name).toLowerCase()) ? [entry.name] : [];
  });
}

/** Where a link to a folder leads; null for one to a file, to nothing or to itself. */
function linkedFolder(path: string): string | null {
  try {
    return statSync(path).isDirectory() ? realpathSync(path) : null;
  } catch {
    return null;
  }
}
