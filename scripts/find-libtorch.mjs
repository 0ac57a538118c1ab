// Finds libtorch, PyTorch's C++ library: LIBTORCH, otherwise the PyTorch of python3, otherwise the system's or Homebrew's package.
// A libtorch is { include, lib, version, abi, from }: the folders of headers, the folder of libraries, "2.6.0", 0 or 1 (the
// _GLIBCXX_USE_CXX11_ABI it was built with), and its origin in words.

import { execFileSync } from "node:child_process";
import { existsSync, readFileSync, realpathSync } from "node:fs";
import { dirname, join, resolve } from "node:path";
import { SetupError } from "./progress.mjs";

const oldest = [1, 13];
const suffix = process.platform === "darwin" ? "dylib" : "so";
const triplet = `${{ x64: "x86_64", arm64: "aarch64" }[process.arch] ?? process.arch}-linux-gnu`;
const api = "include/torch/csrc/api/include";

/** The parts of libtorch missing from a folder; empty when it is complete. */
function missingIn(prefix) {
  const missing = ["include/ATen/ATen.h", `${api}/torch/version.h`].filter((file) => !existsSync(join(prefix, file)));
  if (!libFolder(prefix)) missing.push(`lib/libtorch_cpu.${suffix}`);
  return missing;
}

function libFolder(prefix) {
  return ["lib", "lib64", `lib/${triplet}`]
    .map((name) => join(prefix, name))
    .find((folder) => ["torch", "torch_cpu", "c10"].every((name) => existsSync(join(folder, `lib${name}.${suffix}`))));
}

function versionOf(prefix) {
  for (const file of [`${api}/torch/version.h`, "include/torch/headeronly/version.h"]) {
    const path = join(prefix, file);
    const match = existsSync(path) && /define\s+TORCH_VERSION\s+(?:\\\s*)?"([^"]+)"/.exec(readFileSync(path, "utf8"));
    if (match) return match[1];
  }
  return "of unknown version";
}

/** The library's ABI, told from the name of c10::Error's constructor. */
function abiOf(lib) {
  return readFileSync(join(lib, `libc10.${suffix}`)).includes("_ZN3c105ErrorC2ENS_14SourceLocationESs") ? 0 : 1;
}

function isOlder(version) {
  const [major, minor] = version.split(".").map(Number);
  return major < oldest[0] || (major === oldest[0] && minor < oldest[1]);
}

/** The folder of python3's torch package, without importing it, which takes seconds; undefined without one. */
function pythonPackage(env) {
  const program =
    "import importlib.util as u; s = u.find_spec('torch'); print(s.submodule_search_locations[0] if s and s.origin else '')";
  try {
    // From "/", because Python looks in the current folder first and the project's own torch/ is there.
    return (
      execFileSync("python3", ["-c", program], {
        cwd: "/",
        env,
        encoding: "utf8",
        stdio: ["ignore", "pipe", "ignore"],
        timeout: 30_000,
      }).trim() || undefined
    );
  } catch {
    return undefined;
  }
}

function* candidates(env) {
  const python = pythonPackage(env);
  if (python) yield { prefix: python, from: "PyTorch of python3" };
  const homebrew = [env.HOMEBREW_PREFIX, "/opt/homebrew"].filter(Boolean).map((prefix) => join(prefix, "opt/pytorch"));
  for (const prefix of process.platform === "darwin" ? [...homebrew, "/usr/local/opt/pytorch"] : [])
    yield { prefix, from: "Homebrew" };
  for (const prefix of ["/usr", "/usr/local"]) yield { prefix, from: "system package" };
}

/**
 * `{ libtorch, tooOld }`: the first usable libtorch (or undefined), and descriptions of those that are too old. Throws a SetupError
 * when LIBTORCH is set but unusable.
 */
export function findLibtorch(env = process.env) {
  if (env.LIBTORCH) {
    const folder = resolve(env.LIBTORCH);
    const missing = missingIn(folder);
    if (missing.length > 0)
      throw new SetupError(
        `LIBTORCH=${env.LIBTORCH} lacks ${missing.join(", ")}; set it to a folder of libtorch with include/ and lib/, or unset it`,
      );
    const libtorch = describe(folder, "LIBTORCH");
    if (isOlder(libtorch.version))
      throw new SetupError(`LIBTORCH=${env.LIBTORCH} is libtorch ${libtorch.version}; at least ${oldest.join(".")} is needed`);
    return { libtorch, tooOld: [] };
  }
  const tooOld = [];
  for (const { prefix, from } of candidates(env)) {
    if (missingIn(prefix).length > 0) continue;
    const libtorch = describe(prefix, from);
    if (!isOlder(libtorch.version)) return { libtorch, tooOld };
    tooOld.push(`libtorch ${libtorch.version} (${from}) is older than ${oldest.join(".")}`);
  }
  return { libtorch: undefined, tooOld };
}

function describe(prefix, from) {
  const lib = libFolder(prefix);
  return { include: [join(prefix, "include"), join(prefix, api)], lib, version: versionOf(prefix), abi: abiOf(lib), from };
}

/** The real path of the file with the operators. */
export function libraryFile({ lib }) {
  return realpathSync(join(lib, `libtorch_cpu.${suffix}`));
}

/** Whether Gloo's headers are beside this libtorch's: what training on several processes is built with. */
export const hasGloo = ({ include }) => include.some((folder) => existsSync(join(folder, "gloo/rendezvous/store.h")));

/** True when this libtorch uses Debian's unoptimised reference BLAS and OpenBLAS is not installed. */
export function hasSlowBlas(libtorch) {
  const folder = dirname(libraryFile(libtorch));
  const blas = join(folder, "libblas.so.3");
  if (!existsSync(blas)) return false;
  return realpathSync(blas).includes("/blas/") && !existsSync(join(folder, "openblas-openmp"));
}
