// Builds the addon with AddressSanitizer, UndefinedBehaviorSanitizer and guard pages around tensors (native/guard-pages.cc) in a
// copy of the project, and runs the tests and random calls there. Exits with 1 when anything is reported or a test fails.
//   node torch/scripts/sanitize.mjs [--folder FOLDER] [--only PART...] [--calls N]
// --only: test files whose path contains one of these; --calls: random calls, 1,000 per process (default 5,000).
// Needs GCC's libasan. `npm run setup` must have run before.

import { execFileSync, spawnSync } from "node:child_process";
import { cpSync, existsSync, mkdirSync, readdirSync, readFileSync, rmSync, symlinkSync } from "node:fs";
import { availableParallelism, tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { addonSettings } from "../../scripts/build.mjs";
import { findLibtorch } from "../../scripts/find-libtorch.mjs";
import { filesUnder } from "../../scripts/stamp.mjs";

const root = fileURLToPath(new URL("../..", import.meta.url));
const { values } = parseArgs({
  options: {
    folder: { type: "string", default: join(tmpdir(), "sparsecell-sanitized") },
    only: { type: "string", multiple: true, default: [] },
    calls: { type: "string", default: "5000" },
  },
});
const { folder } = values;
const reports = join(folder, "reports");

// NDEBUG, as in libtorch's build: without it, its headers lay out some classes differently. libtorch's classes have no type
// information for the vptr check of UndefinedBehaviorSanitizer.
const flags = "-fsanitize=address,undefined -fno-sanitize=vptr -fno-omit-frame-pointer -g -O1 -DNDEBUG -DGUARD_PAGES";

// AddressSanitizer keeps freed memory and maps terabytes, so memory can be neither measured nor limited.
const unfit = /leak\.test|out-of-memory\.test/;

/** Runs a command with visible output; true when it succeeded. */
function run(command, args, options = {}) {
  return spawnSync(command, args, { stdio: "inherit", ...options }).status === 0;
}

function build() {
  const settings = { ...addonSettings(root, findLibtorch().libtorch), CMAKE_BUILD_TYPE: "None", CMAKE_CXX_FLAGS: flags };
  const definitions = Object.entries(settings).map(([name, value]) => `-D${name}=${value}`);
  const built = join(folder, "torch/build");
  const quiet = { stdio: ["ignore", "ignore", "inherit"] };
  if (!run("cmake", ["-S", join(root, "torch/native"), "-B", built, ...definitions], quiet)) return false;
  return run("cmake", ["--build", built, "--parallel", String(availableParallelism())], quiet);
}

/** Copies the project next to the addon, with npm's packages as links: compiled files find ../build/addon.node. */
function copyProject() {
  const tracked = execFileSync("git", ["ls-files"], { cwd: root, encoding: "utf8" }).trim().split("\n");
  for (const name of [...tracked, "dist", "torch/dist"]) cpSync(join(root, name), join(folder, name), { recursive: true });
  const packages = join(folder, "node_modules");
  if (existsSync(packages)) return;
  mkdirSync(join(packages, "@sparsecell"), { recursive: true });
  symlinkSync(join(folder, "torch"), join(packages, "@sparsecell/torch"));
  for (const name of readdirSync(join(root, "node_modules")))
    if (name !== "@sparsecell") symlinkSync(join(root, "node_modules", name), join(packages, name));
}

function environment() {
  const library = (name) => execFileSync("g++", [`-print-file-name=${name}`], { encoding: "utf8" }).trim();
  const log = `log_path=${join(reports, "report")}`;
  return {
    ...process.env,
    OMP_NUM_THREADS: "1",
    LD_PRELOAD: library("libasan.so"),
    // Node and libtorch keep memory until they exit, and expect an error for an allocation that is too large.
    // Freed memory is quarantined, but little enough for the tests that measure growth.
    ASAN_OPTIONS: `${log}:detect_leaks=0:allocator_may_return_null=1:quarantine_size_mb=16`,
    UBSAN_OPTIONS: `${log}:print_stacktrace=1`,
  };
}

mkdirSync(folder, { recursive: true });
rmSync(reports, { recursive: true, force: true });
mkdirSync(reports);
if (!build()) process.exit(1);
copyProject();

const tests = ["dist", "torch/dist", "test"]
  .flatMap((name) => filesUnder(join(folder, name)))
  .filter((file) => /\.test\.m?js$/.test(file) && !unfit.test(file))
  .filter((file) => values.only.length === 0 || values.only.some((part) => file.includes(part)));
const env = environment();
const runner = ["--test", `--test-concurrency=${availableParallelism()}`, "--test-reporter=spec"];
const held = [run(process.execPath, [...runner, ...tests], { cwd: folder, env })];
const script = join(folder, "torch/dist/random-calls.fixture.js");
for (let seed = 1; seed <= Number(values.calls) / 1000; seed++) {
  const { status, stdout } = spawnSync(process.execPath, ["--expose-gc", script, String(seed), "1000"], {
    cwd: folder,
    env,
    encoding: "utf8",
    maxBuffer: 2 ** 28,
  });
  held.push(status === 0);
  if (status !== 0) console.error(`random calls, seed ${seed}: ended after ${stdout.trimEnd().split("\n").at(-1)}`);
}
const found = readdirSync(reports);
for (const name of found) console.error(readFileSync(join(reports, name), "utf8").split("\n").slice(0, 30).join("\n"));
console.log(
  `tests ${held[0] ? "passed" : "failed"}; ${held.filter((ok, i) => ok && i > 0).length} of ${held.length - 1} processes of random calls passed; ${found.length} reports`,
);
if (!held.every(Boolean) || found.length > 0) process.exitCode = 1;
