// What set-up needs from the system: libtorch, a fast BLAS, CMake, a C++ compiler and make. Installed with apt if possible;
// otherwise one line says what to install.

import { accessSync, constants } from "node:fs";
import { delimiter, join } from "node:path";
import { findLibtorch, hasSlowBlas } from "./find-libtorch.mjs";
import { attempt, SetupError, say, step } from "./progress.mjs";

const blas = "libopenblas0-openmp";

export function isOnPath(command, env = process.env) {
  return (env.PATH ?? "").split(delimiter).some((folder) => {
    try {
      accessSync(join(folder, command), constants.X_OK);
      return folder !== "";
    } catch {
      return false;
    }
  });
}

/** Debian's names of missing packages; `tools`: whether the addon must be built. */
export function missingPackages(libtorch, { tools, env = process.env }) {
  const there = (...commands) => commands.some((command) => isOnPath(command, env));
  const missing = [];
  if (!libtorch) missing.push("libtorch-dev", blas);
  else if (hasSlowBlas(libtorch)) missing.push(blas);
  if (tools && !there("cmake")) missing.push("cmake");
  if (tools && !env.CXX && !there("c++", "g++", "clang++")) missing.push("g++");
  if (tools && !there("make", "ninja")) missing.push("make");
  return missing;
}

/** The start of a command that installs with apt, as root or with sudo; undefined when neither is possible. */
function aptGet(env, { mayAsk = true } = {}) {
  const command = ["env", "DEBIAN_FRONTEND=noninteractive", "apt-get", "-q", "-y", "-o", "DPkg::Lock::Timeout=300"];
  if (process.getuid?.() === 0) return command;
  if (!isOnPath("sudo", env)) return undefined;
  if (attempt("sudo", ["-n", "true"]).ok) return ["sudo", "-n", ...command];
  return mayAsk && process.stdin.isTTY ? ["sudo", ...command] : undefined; // sudo asks for the password on the terminal
}

/** Whether set-up can install what is missing by itself. */
export const mayInstall = (env = process.env) => isOnPath("apt-get", env) && aptGet(env, { mayAsk: false }) !== undefined;

/** One line that says how to install `missing` on a system where set-up cannot. */
export function howToInstall(missing, { platform = process.platform, env = process.env } = {}) {
  const there = (command) => isOnPath(command, env);
  const tools = missing.filter((name) => ["cmake", "g++", "make"].includes(name));
  if (platform === "win32")
    return "Windows is not supported; use WSL2: run `wsl --install -d Debian`, install Node 20 in it, and run this again there";
  if (platform === "darwin") {
    const formulas = missing
      .filter((name) => ["libtorch-dev", "cmake"].includes(name))
      .map((name) => (name === "cmake" ? name : "pytorch"));
    const steps = [
      formulas.length > 0 && `brew install ${formulas.join(" ")}`,
      tools.some((name) => name !== "cmake") && "xcode-select --install",
    ].filter(Boolean);
    return `${listed(missing)} missing; run: ${steps.join(" && ")}`;
  }
  if (there("apt-get")) {
    const apt = there("sudo") ? "sudo apt-get" : "apt-get";
    return `${listed(missing)} missing, and only root may install; ${there("sudo") ? "run" : "as root, run"}: ${apt} update && ${apt} install -y --no-install-recommends ${missing.join(" ")}`;
  }
  const managers = { dnf: "dnf install", zypper: "zypper install", pacman: "pacman -S", apk: "apk add" };
  const manager = Object.keys(managers).find(there);
  const names = tools.map((name) =>
    name !== "g++" ? name : manager === "dnf" || manager === "zypper" ? "gcc-c++" : manager === "pacman" ? "gcc" : "g++",
  );
  const steps = [];
  if (names.length > 0)
    steps.push(manager ? `run \`sudo ${managers[manager]} ${names.join(" ")}\`` : `install ${names.join(", ")}`);
  if (missing.includes("libtorch-dev"))
    steps.push("run `pip install torch`, or unpack libtorch from pytorch.org and set LIBTORCH to its folder");
  return `${listed(missing)} missing; ${steps.join("; ")}`;
}

function listed(missing) {
  const words = { "libtorch-dev": "libtorch", "g++": "a C++ compiler", [blas]: "a fast BLAS" };
  return `${missing.map((name) => words[name] ?? name).join(", ")} ${missing.length > 1 ? "are" : "is"}`;
}

function install(missing, env) {
  const apt = isOnPath("apt-get", env) && aptGet(env);
  if (!apt) {
    if (missing.some((name) => name !== blas)) throw new SetupError(howToInstall(missing, { env }));
    say(howToInstall(missing, { env })); // slow, but it works without
    return;
  }
  const run = (...args) => attempt(apt[0], [...apt.slice(1), ...args]);
  const installing = () => run("install", "--no-install-recommends", ...missing);
  step(`installing ${missing.join(", ")} with apt`, () => {
    const first = installing(); // package lists may be missing or out of date: update them and try again
    if (first.ok) return first;
    const update = run("update");
    const second = installing();
    return second.ok ? second : { ok: false, output: `${second.output}\n${update.output}` };
  });
}

/** Installs a package that little depends on, if it takes no password. A failure is silent: what needs it says what is missing. */
export function tryToInstall(name, { otherName = name, what = "some of the tests", env = process.env } = {}) {
  const apt = isOnPath("apt-get", env) && aptGet(env, { mayAsk: false });
  if (!apt) return;
  say(`installing ${name} with apt, for ${what}`);
  const run = (...args) => attempt(apt[0], [...apt.slice(1), ...args]);
  const installing = () => [name, otherName].some((each) => run("install", "--no-install-recommends", each).ok);
  if (!installing() && run("update").ok) installing(); // package lists may be missing or out of date
}

/** OpenSlide, which reads the slides of many scanners: the package of Debian 12, or of Debian 13. */
export const tryToInstallOpenslide = (options = {}) =>
  tryToInstall("libopenslide0", { otherName: "libopenslide1", what: "slides", ...options });

/** Finds libtorch and installs what is missing. `isBuilt`: whether the addon is up to date for a libtorch. */
export function ensureSystemPackages({ isBuilt, env = process.env }) {
  const found = findLibtorch(env);
  const tools = !(found.libtorch && isBuilt(found.libtorch));
  const missing = missingPackages(found.libtorch, { tools, env });
  if (missing.length === 0) return found.libtorch;
  install(missing, env);
  tryToInstallOpenslide({ env });
  if (!env.LIBTORCH) tryToInstall("libgloo-dev", { what: "training on several processes", env });
  const { libtorch, tooOld } = found.libtorch ? found : findLibtorch(env);
  if (!libtorch)
    throw new SetupError(
      `${tooOld.join("; ") || "no libtorch found"}; run \`pip install torch\`, or unpack libtorch from pytorch.org and set LIBTORCH to its folder`,
    );
  return libtorch;
}
