// An archive with all that gpu-check needs where nothing can be fetched: this Node, the package, its packages. What the machine
// must have itself: a card with its driver, python3 with PyTorch of CUDA, cmake, make or ninja, a C++ compiler.

import { execFileSync } from "node:child_process";
import { copyFileSync, existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { fileURLToPath } from "node:url";

const root = fileURLToPath(new URL("../..", import.meta.url));
const LIMIT = 64; // MiB

const RUN = `#!/bin/sh
here=$(cd "$(dirname "$0")" && pwd)
exec "$here/node" "$here/node_modules/sparsecell/benchmarks/gpu-check.mjs" "$@"
`;

/** Throws an Error when it is larger than what can be carried. */
export function carry(file) {
  const folder = mkdtempSync(join(tmpdir(), "carry-"));
  const run = (command, ...args) => execFileSync(command, args, { cwd: folder, stdio: ["ignore", "ignore", "inherit"] });
  try {
    execFileSync("npm", ["pack", "--loglevel=error", "--pack-destination", folder], {
      cwd: root,
      stdio: ["ignore", "ignore", "inherit"],
    });
    const tarball = readdirSync(folder).find((name) => name.endsWith(".tgz"));
    const project = join(folder, "gpu-check");
    mkdirSync(project);
    writeFileSync(join(project, "package.json"), "{}\n");
    run("npm", "install", "--prefix", project, "--ignore-scripts", "--no-audit", "--no-fund", join(folder, tarball));
    copyFileSync(process.execPath, join(project, "node"));
    if (existsSync("/usr/bin/strip")) run("strip", join(project, "node"));
    writeFileSync(join(project, "run"), RUN, { mode: 0o755 });
    run("tar", "--create", "--xz", "--file", resolve(file), "--directory", folder, "gpu-check");
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
  const size = statSync(resolve(file)).size / 2 ** 20;
  if (size > LIMIT) throw new Error(`${file}: ${size.toFixed(1)} MiB, more than ${LIMIT}`);
  process.stdout.write(`${file}: ${size.toFixed(1)} MiB; there: tar xJf ${file} && ./gpu-check/run --out results\n`);
}
