// Where files that were fetched are kept, for all runs of one user.

import { homedir } from "node:os";
import { join, resolve } from "node:path";

/** SPARSECELL_CACHE, else `sparsecell` in XDG_CACHE_HOME, else ~/.cache/sparsecell. */
export function cacheFolder(env: NodeJS.ProcessEnv = process.env): string {
  if (env.SPARSECELL_CACHE) return resolve(env.SPARSECELL_CACHE);
  return resolve(env.XDG_CACHE_HOME || join(homedir(), ".cache"), "sparsecell");
}
