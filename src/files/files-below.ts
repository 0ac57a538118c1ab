// The files of some kinds in a user's folder and its subfolders.

import { type Dirent, readdirSync, realpathSync, statSync } from "node:fs";
import { extname, join } from "node:path";
import { reason, UserError } from "../errors.ts";

export interface FileKinds {
  /** In lower case, with the dot. Matched in any case. Default: all. */
  readonly extensions?: readonly string[];
  /** What the user calls them, for errors: "images". */
  readonly noun: string;
}

/**
 * Sorted paths below `folder`, with / between folders; hidden files and folders are skipped, and those in which the workbench keeps
 * a project: its thumbnails and datasets are no images of the user's. Links to folders are followed,
 * each folder once, but never to a folder that contains the link. Throws a UserError when the folder or one below it cannot
 * be read.
 */
export function filesBelow(folder: string, kinds: FileKinds): string[] {
  return unsorted(folder, kinds, { above: [], linked: new Set() }).sort((a, b) => (a < b ? -1 : 1));
}

interface Visited {
  /** Real paths of the folders above. */
  readonly above: readonly string[];
  /** Real paths of the folders reached by a link. */
  readonly linked: Set<string>;
}

function unsorted(folder: string, kinds: FileKinds, { above, linked }: Visited): string[] {
  let entries: Dirent[];
  let real: string;
  try {
    entries = readdirSync(folder, { withFileTypes: true });
    real = realpathSync(folder);
  } catch (error) {
    throw new UserError(`${folder}: cannot be read: ${reason(error)}; check the path of the ${kinds.noun}`);
  }
  if (above.length > 0 && isProject(entries)) return [];
  const visited = { above: [...above, real], linked };
  return entries.flatMap((entry) => {
    if (entry.name.startsWith(".")) return [];
    const path = join(folder, entry.name);
    const target = entry.isSymbolicLink() ? linkedFolder(path) : null;
    if (target !== null) {
      if (visited.above.includes(target) || linked.has(target)) return [];
      linked.add(target);
    }
    if (target !== null || entry.isDirectory()) return unsorted(path, kinds, visited).map((inner) => `${entry.name}/${inner}`);
    const { extensions } = kinds;
    return extensions === undefined || extensions.includes(extname(entry.name).toLowerCase()) ? [entry.name] : [];
  });
}

const isProject = (entries: readonly Dirent[]): boolean =>
  ["project.json", "actions.jsonl"].every((name) => entries.some((entry) => entry.name === name));

/** The real path of a folder behind a link; null when the link leads to a file, to nothing or to itself. */
function linkedFolder(path: string): string | null {
  try {
    return statSync(path).isDirectory() ? realpathSync(path) : null;
  } catch {
    return null;
  }
}
