// Builds the addon with AddressSanitizer, UndefinedBehaviorSanitizer and guard pages around tensors (native/guard-pages.cc) in
// a folder of its own, and runs this package's tests and random calls on it. Exits with 1 when anything is reported.
//   node torch/scripts/sanitize.mjs [--folder FOLDER] [--seeds N]
// Needs GCC's libasan; about four minutes on two cores. `npm run setup` must have run before.

import { execFileSync, spawnSync } from "node:child_process";
import { cpSync, existsSync, mkdirSync, readdirSync, readFileSync, rmSync, symlinkSync } from "node:fs";
import { availableParallelism, tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { addonSettings } from "../../scripts/build.mjs";
import { findLibtorch } from "../../scripts/find-libtorch.mjs";

const root = fileURLToPath(new URL("../..", import.meta.url));
const { values } = parseArgs({
  options: {
    folder: { type: "string", default: join(tmpdir(), "sparsecell-sanitized") },
    seeds: { type: "string", default: "10" },
  },
});
const { folder } = values;
const torch = join(folder, "torch");
const reports = join(folder, "reports");

// NDEBUG, as in libtorch's own build: its headers lay some classes out otherwise without. libtorch's classes have no type
// information that the vptr check of UndefinedBehaviorSanitizer could compare.
const flags = "-fsanitize=address,undefined -fno-sanitize=vptr -fno-omit-frame-pointer -g -O1 -DNDEBUG -DGUARD_PAGES";

/** Runs a command with its output shown; true when it ended well. */
function run(command, args, options = {}) {
  return spawnSync(command, args, { stdio: "inherit", ...options }).status === 0;
}

function build() {
  const settings = { ...addonSettings(root, findLibtorch().libtorch), CMAKE_BUILD_TYPE: "None", CMAKE_CXX_FLAGS: flags };
  const definitions = Object.entries(settings).map(([name, value]) => `-D${name}=${value}`);
  const built = join(torch, "build");
  const quiet = { stdio: ["ignore", "ignore", "inherit"] };
  if (!run("cmake", ["-S", join(root, "torch/native"), "-B", built, ...definitions], quiet)) return false;
  return run("cmake", ["--build", built, "--parallel", String(availableParallelism())], quiet);
}

/** The package beside the addon: its compiled files find ../build/addon.node. */
function copyPackage() {
  for (const name of ["dist", "scripts", "src/generated", "package.json"])
    cpSync(join(root, "torch", name), join(torch, name), { recursive: true });
  if (!existsSync(join(folder, "node_modules"))) symlinkSync(join(root, "node_modules"), join(folder, "node_modules"));
}

function environment() {
  const library = (name) => execFileSync("g++", [`-print-file-name=${name}`], { encoding: "utf8" }).trim();
  const log = `log_path=${join(reports, "report")}`;
  return {
    ...process.env,
    OMP_NUM_THREADS: "1",
    LD_PRELOAD: library("libasan.so"),
    // Node and libtorch keep memory until they end, and an allocation that is too large is an error that they expect.
    ASAN_OPTIONS: `${log}:detect_leaks=0:allocator_may_return_null=1`,
    UBSAN_OPTIONS: `${log}:print_stacktrace=1`,
  };
}

mkdirSync(torch, { recursive: true });
rmSync(reports, { recursive: true, force: true });
mkdirSync(reports);
if (!build()) process.exit(1);
copyPackage();

// leak.test.js measures resident memory, of which AddressSanitizer keeps what is freed.
const tests = readdirSync(join(torch, "dist"), { recursive: true })
  .filter((name) => name.endsWith(".test.js") && name !== "leak.test.js")
  .map((name) => join(torch, "dist", name));
const env = environment();
const held = run(process.execPath, ["--test", "--test-reporter=dot", ...tests], { env });
console.log(`torch's tests: ${held ? "held" : "did not hold"}`);
const found = readdirSync(reports);
for (const name of found) console.error(readFileSync(join(reports, name), "utf8").split("\n").slice(0, 30).join("\n"));
console.log(`${found.length} reports`);
if (!held || found.length > 0) process.exitCode = 1;
