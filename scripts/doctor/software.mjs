// What has to be installed, compiled and built before anything runs, and the programs that only some commands need.

import { existsSync, readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";
import { addonIsBuilt, isClone, torchFolder } from "../build.mjs";
import { findLibtorch, hasGloo, hasSlowBlas } from "../find-libtorch.mjs";
import { attempt, SetupError } from "../progress.mjs";
import { howToInstall, isOnPath, mayInstall, missingPackages } from "../system-packages.mjs";

export const SETUP = "npx sparsecell setup";
const slowBlas = "libopenblas0-openmp";

/** `addon`: what the loaded addon says of itself, undefined where it cannot be loaded. */
export function softwareChecks({ root, env }) {
  const { libtorch, check: libtorchCheck } = libtorchOf(env);
  const built = libtorch !== undefined && addonIsBuilt(root, libtorch);
  const loaded = built ? loadAddon(root, env) : undefined;
  const missing = missingPackages(libtorch, { tools: !built, env }).filter((name) => name !== slowBlas);
  const packages = packagesCheck(root);
  const checks = [
    versionCheck(root),
    nodeCheck(),
    packages,
    isClone(root) && typeScriptCheck(root),
    libtorchCheck,
    toolsCheck(
      missing.filter((name) => name !== "libtorch-dev"),
      { env, built },
    ),
    addonCheck({ built, loaded, ready: missing.length === 0 || mayInstall(env) }),
    blasCheck({ libtorch, addon: loaded?.addon, env }),
    processesCheck({ libtorch, addon: loaded?.addon }),
    openslideCheck(root, env),
    isClone(root) && chromiumCheck(env),
    slurmCheck(env),
  ];
  return { checks: checks.filter(Boolean), addon: loaded?.addon };
}

function versionCheck(root) {
  const { version } = JSON.parse(readFileSync(join(root, "package.json"), "utf8"));
  return { name: "sparsecell", state: "ok", found: `${version}, ${isClone(root) ? "a clone" : "the package"} in ${root}` };
}

function nodeCheck() {
  const found = `${process.versions.node}, ${process.platform} ${process.arch}`;
  if (process.platform === "win32")
    return { name: "Node", state: "missing", found: `${found}: Windows is not supported`, mend: "wsl --install -d Debian" };
  return Number(process.versions.node.split(".")[0]) >= 20
    ? { name: "Node", state: "ok", found }
    : { name: "Node", state: "missing", found: `${found}: too old`, mend: "install Node 20 or later from nodejs.org" };
}

/** That they are there, and that the one with a binary for this machine loads: node_modules copied from another machine does not. */
function packagesCheck(root) {
  const clone = isClone(root);
  const { dependencies } = JSON.parse(readFileSync(join(root, "package.json"), "utf8"));
  const { resolve } = createRequire(join(root, "package.json"));
  const lacking = Object.keys(dependencies).filter(
    (name) => !resolve.paths(name).some((folder) => existsSync(join(folder, name))),
  );
  const check = { name: "npm packages" };
  if (lacking.length > 0)
    return {
      ...check,
      state: clone ? "to do" : "missing",
      found: `without ${lacking.slice(0, 3).join(", ")}${lacking.length > 3 ? ` and ${lacking.length - 3} more` : ""}`,
      mend: clone ? SETUP : "npm install",
    };
  if (!("sharp" in dependencies)) return { ...check, state: "ok", found: `${Object.keys(dependencies).length}` };
  const program = 'import("sharp").then(({ default: s }) => console.log(s.versions.vips))';
  const sharp = attempt(process.execPath, ["-e", program], { cwd: root });
  if (sharp.ok) return { ...check, state: "ok", found: `${Object.keys(dependencies).length}, libvips ${sharp.output.trim()}` };
  const found = `sharp, which reads images, does not load here (${process.platform} ${process.arch})`;
  return { ...check, state: "missing", found, mend: "npm install --include=optional sharp" };
}

function typeScriptCheck(root) {
  const here = existsSync(join(root, "dist/.setup-stamp")) && existsSync(join(root, "torch/dist/.setup-stamp"));
  return here
    ? { name: "TypeScript", state: "ok", found: "compiled" }
    : { name: "TypeScript", state: "to do", found: "not compiled", mend: SETUP };
}

function libtorchOf(env) {
  const name = "libtorch";
  try {
    const { libtorch, tooOld } = findLibtorch(env);
    if (libtorch)
      return { libtorch, check: { name, state: "ok", found: `${libtorch.version}, ${libtorch.from}, in ${libtorch.lib}` } };
    const found = tooOld.join("; ") || "not found: no LIBTORCH, no PyTorch of python3, no system package";
    const state = mayInstall(env) ? "to do" : "missing";
    return { check: { name, state, found, mend: state === "to do" ? SETUP : howToInstall(["libtorch-dev", slowBlas], { env }) } };
  } catch (error) {
    if (!(error instanceof SetupError)) throw error;
    return { check: { name, state: "missing", found: error.message.replace(/;.*/, ""), mend: "unset LIBTORCH" } };
  }
}

function toolsCheck(missing, { env, built }) {
  const name = "C++ build tools";
  const here = ["cmake", "g++", "clang++", "make", "ninja"].filter((command) => isOnPath(command, env));
  if (missing.length === 0)
    return {
      name,
      state: built && here.length === 0 ? "absent" : "ok",
      found: here.join(", ") || "not needed: the addon is built",
    };
  const found = `without ${missing.join(", ")}`;
  return mayInstall(env)
    ? { name, state: "to do", found, mend: SETUP }
    : { name, state: "missing", found, mend: howToInstall(missing, { env }) };
}

/** In another process: a library that crashes when it is loaded must not take the answer with it. */
function loadAddon(root, env) {
  const program =
    "const a = require(process.argv[1]); console.log(JSON.stringify({ ...a.build(), threads: a.threads(), missing: a.distributed.missing }))";
  const { ok, output } = attempt(process.execPath, ["-e", program, join(torchFolder(root), "build/addon.node")], { env });
  if (ok) return { addon: JSON.parse(output.trim().split("\n").at(-1)) };
  return { reason: /^\w*Error: (.*)$/m.exec(output)?.[1] ?? (output.trim().split("\n")[0] || "it crashed") };
}

function addonCheck({ built, loaded, ready }) {
  const name = "addon";
  if (loaded?.addon) return { name, state: "ok", found: `built, runs libtorch ${loaded.addon.version}` };
  if (built)
    return {
      name,
      state: "missing",
      found: `cannot be loaded: ${loaded.reason}`,
      mend: "set LIBTORCH to another libtorch and run: npx sparsecell setup",
    };
  const found = "not built for this libtorch and these sources";
  return ready ? { name, state: "to do", found, mend: SETUP } : { name, state: "missing", found, mend: SETUP };
}

function blasCheck({ libtorch, addon, env }) {
  const name = "BLAS";
  if (!libtorch) return false;
  const file = addon?.blas.split("/").slice(-2).join("/");
  if (!hasSlowBlas(libtorch)) return { name, state: "ok", found: addon ? file || "part of libtorch" : "not the reference BLAS" };
  const mend = mayInstall(env)
    ? `${isOnPath("sudo", env) ? "sudo " : ""}apt-get install -y ${slowBlas}`
    : howToInstall([slowBlas], { env });
  return { name, state: "warning", found: "the reference BLAS, about 30 times slower than necessary", mend };
}

function processesCheck({ libtorch, addon }) {
  const name = "processes";
  if (addon && addon.missing === "") return { name, state: "ok", found: "train --processes: Gloo, on processors" };
  const found = "one training on several processes (train --processes) is not possible";
  if (!libtorch || !addon) return { name, state: "absent", found: `${found} before set-up` };
  if (hasGloo(libtorch)) return { name, state: "absent", found, mend: SETUP };
  const isDebians = libtorch.from === "system package" && process.platform === "linux";
  return isDebians
    ? { name, state: "absent", found, mend: `apt-get install libgloo-dev, then ${SETUP}` }
    : { name, state: "absent", found: `${found} with this libtorch, which has no headers of Gloo` };
}

function openslideCheck(root, env) {
  const name = "OpenSlide";
  const reader = attempt(join(root, "build/openslide/reader"), ["--version"], { env });
  if (reader.ok) return { name, state: "ok", found: reader.output.trim() };
  if (!existsSync(join(root, "build/openslide/reader")))
    return {
      name,
      state: "absent",
      found: "its reader is not built; only for slides of NDPI, MRXS, SCN, BIF and others",
      mend: SETUP,
    };
  const install =
    { darwin: "brew install openslide" }[process.platform] ?? "apt-get install libopenslide0 (Debian 13: libopenslide1)";
  return {
    name,
    state: "absent",
    found: "only for slides of NDPI, MRXS, SCN, BIF and others",
    mend: `${install}, then ${SETUP}`,
  };
}

function chromiumCheck(env) {
  const browser = ["chromium", "chromium-browser", "google-chrome"].find((name) => isOnPath(name, env));
  return { name: "chromium", state: browser ? "ok" : "absent", found: browser ?? "only for tests of pages" };
}

function slurmCheck(env) {
  const name = "Slurm";
  if (!isOnPath("sbatch", env)) return { name, state: "absent", found: "only to run experiments on a cluster" };
  const version = attempt("sbatch", ["--version"], { env });
  const found = version.ok ? version.output.trim() : "sbatch is here, but not configured for a cluster";
  return { name, state: version.ok ? "ok" : "absent", found };
}
