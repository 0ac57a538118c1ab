// First weights that have been fetched, and whether they are whole: torchvision's names end in the first digits of the SHA-256.

import { createHash } from "node:crypto";
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join, resolve } from "node:path";

/** As src/files/cache-folder.ts, which may not be compiled. */
export const cacheFolder = (env, home) =>
  env.SPARSECELL_CACHE ? resolve(env.SPARSECELL_CACHE) : resolve(env.XDG_CACHE_HOME || join(home, ".cache"), "sparsecell");

export function weightsCheck({ env, home }) {
  const name = "first weights";
  const folder = cacheFolder(env, home);
  const files = existsSync(folder)
    ? readdirSync(folder)
        .filter((file) => /\.(pth|torch)$/.test(file))
        .sort()
    : [];
  if (files.length === 0) {
    const offline = env.SPARSECELL_OFFLINE
      ? "not fetched, as SPARSECELL_OFFLINE is set"
      : "fetched when a training asks for them";
    return { name, state: "absent", found: `none in ${folder}; ${offline}` };
  }
  const damaged = files.find((file) => {
    const expected = /-([0-9a-f]{8})\.\w+$/.exec(file)?.[1];
    return (
      expected &&
      !createHash("sha256")
        .update(readFileSync(join(folder, file)))
        .digest("hex")
        .startsWith(expected)
    );
  });
  return damaged
    ? {
        name,
        state: "warning",
        found: `${join(folder, damaged)} is damaged or another file`,
        mend: `rm '${join(folder, damaged)}'`,
      }
    : { name, state: "ok", found: `${files.join(", ")} in ${folder}` };
}
