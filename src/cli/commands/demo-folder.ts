// The folder that `demo` works in: results of an earlier demo are replaced, anybody else's files never.

import { existsSync, readdirSync, rmSync, statSync } from "node:fs";
import { join } from "node:path";
import { UserError } from "../../errors.ts";
import { writeFileAtomic } from "../../files/atomic-write.ts";
import { lockFolder } from "../../files/folder-lock.ts";

const marker = ".sparsecell-demo";

/**
 * Makes room for a demo in `dir` and returns a function that releases the folder. Throws a UserError when it holds anything but
 * an earlier demo, or when a demo is running there.
 */
export function takeDemoFolder(dir: string): () => void {
  if (existsSync(dir) && !statSync(dir).isDirectory()) throw new UserError(`${dir}: is a file; choose another folder with --out`);
  const isDemo = existsSync(join(dir, marker));
  if (!isDemo && existsSync(dir) && readdirSync(dir).length > 0)
    throw new UserError(`${dir}: is not empty and not from an earlier demo; choose another folder with --out`);
  const release = lockFolder(dir);
  if (isDemo)
    for (const part of ["complete", "sparse", "runs", "report.html", "report.json"])
      rmSync(join(dir, part), { recursive: true, force: true });
  writeFileAtomic(join(dir, marker), "made by sparsecell demo; replaced by the next one\n");
  return release;
}
