// Runs all tests with node's runner.
//   npm test                                   set-up, lint, all tests
//   npm test -- detector                       set-up, lint, the test files whose path contains "detector"
//   npm test -- --test-name-pattern=empty      options go to the runner
// Runs one file per core at a time, each with one libtorch thread, because several threads in several processes would wait for
// each other. OMP_NUM_THREADS overrides this. Property tests have fixed seeds; PROPERTY_SEED=free takes new ones. Nothing is
// fetched from the network, and nothing that the user has fetched is used.

import { spawnSync } from "node:child_process";
import { existsSync } from "node:fs";
import { availableParallelism } from "node:os";
import { join } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { findBrowser } from "../test/pages/browser.mjs";
import { attempt } from "./progress.mjs";
import { filesUnder } from "./stamp.mjs";
import { isOnPath, tryToInstall, tryToInstallOpenslide } from "./system-packages.mjs";

const root = fileURLToPath(new URL("..", import.meta.url));
const options = process.argv.slice(2).filter((arg) => arg.startsWith("-"));
const parts = process.argv.slice(2).filter((arg) => !arg.startsWith("-"));

const folders = ["scripts", "torch/dist", "dist", "workbench/dist", "workbench/page/dist", "test"].filter((folder) =>
  existsSync(join(root, folder)),
);
const files = folders
  .flatMap((folder) => filesUnder(join(root, folder)))
  .filter((file) => /\.test\.m?js$/.test(file))
  .map((file) => file.slice(root.length))
  .filter((file) => parts.length === 0 || parts.some((part) => file.includes(part)));

if (files.length === 0) {
  process.stderr.write(`test: no test file's path contains ${parts.map((part) => `"${part}"`).join(" or ")}\n`);
  process.exitCode = 1;
} else {
  if (files.some((file) => file.endsWith("browser.test.mjs")) && !findBrowser()) tryToInstall("chromium");
  const hasOpenslide = () => attempt(join(root, "build/openslide/reader"), ["--version"]).ok;
  if (files.some((file) => /slides|faults/.test(file)) && !hasOpenslide()) tryToInstallOpenslide();
  if (files.some((file) => file.includes("slurm")) && !isOnPath("slurmctld")) tryToInstall("slurm-wlm"); // munge comes with it
  const args = [
    "--enable-source-maps",
    `--import=${pathToFileURL(join(root, "scripts/property-seed.mjs"))}`,
    "--test",
    `--test-concurrency=${availableParallelism()}`,
    "--test-reporter=spec",
    ...options,
    ...files,
  ];
  const { status } = spawnSync(process.execPath, args, {
    cwd: root,
    stdio: "inherit",
    env: { OMP_NUM_THREADS: "1", ...process.env, SPARSECELL_OFFLINE: "1", SPARSECELL_CACHE: join(root, "build", "no-cache") },
  });
  process.exitCode = status ?? 1;
}
