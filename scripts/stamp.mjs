// A stamp records the input of a completed step. A step removes its stamp first and writes it last, so that an interrupted step
// runs again; the stamp is in the folder that the step makes, so that removing the folder makes it run again too.

import { createHash } from "node:crypto";
import { readdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";

/** All files under `path` (or `path` itself), sorted. */
export function filesUnder(path) {
  if (!statSync(path).isDirectory()) return [path];
  const entries = readdirSync(path, { withFileTypes: true }).sort((a, b) => (a.name < b.name ? -1 : 1));
  return entries.flatMap((entry) => (entry.isDirectory() ? filesUnder(join(path, entry.name)) : [join(path, entry.name)]));
}

/** A hash of the names and contents of all files under `paths`, and of `facts`, which can be any JSON. */
export function digest(paths, facts = null) {
  const hash = createHash("sha256").update(JSON.stringify(facts));
  for (const file of paths.flatMap(filesUnder)) {
    const content = readFileSync(file);
    hash.update(`\n${file}\n${content.length}\n`).update(content);
  }
  return hash.digest("hex");
}

const name = ".setup-stamp";

/** The stamp of the step that made `folder`; empty if it was never completed. */
export function readStamp(folder) {
  try {
    return readFileSync(join(folder, name), "utf8");
  } catch {
    return "";
  }
}

export function writeStamp(folder, text) {
  writeFileSync(join(folder, name), text);
}

export function removeStamp(folder) {
  rmSync(join(folder, name), { force: true });
}
