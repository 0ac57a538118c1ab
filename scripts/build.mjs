// The builds of set-up: npm packages, the native addon, the reader of slides, and TypeScript. Each does nothing when its stamp
// shows that its input is unchanged.

import { existsSync, mkdirSync, readFileSync, rmSync, statSync } from "node:fs";
import { createRequire } from "node:module";
import { availableParallelism } from "node:os";
import { dirname, join, relative } from "node:path";
import { hasGloo, libraryFile } from "./find-libtorch.mjs";
import { attempt, relevantLines, SetupError, say, step } from "./progress.mjs";
import { digest, filesUnder, readStamp, removeStamp, writeStamp } from "./stamp.mjs";
import { isOnPath } from "./system-packages.mjs";

/** Whether `root` is a clone of the repository, not the package as npm installs it, which is compiled already. */
export const isClone = (root) => existsSync(join(root, "src/index.ts"));

/** The folder of @sparsecell/torch: a workspace of a clone, bundled with the package. */
export const torchFolder = (root) => (isClone(root) ? join(root, "torch") : join(root, "node_modules/@sparsecell/torch"));

export function installNodePackages(root) {
  const folder = join(root, "node_modules");
  const { workspaces } = JSON.parse(readFileSync(join(root, "package.json"), "utf8"));
  const stamp = digest(
    [join(root, "package-lock.json"), ...["", ...workspaces].map((workspace) => join(root, workspace, "package.json"))],
    [root, process.platform, process.arch],
  );
  if (readStamp(folder) === stamp) return;
  removeStamp(folder);
  const [command, ...args] = process.env.npm_execpath ? [process.execPath, process.env.npm_execpath] : ["npm"];
  step("installing npm packages", () =>
    attempt(command, [...args, "ci", "--include=dev", "--ignore-scripts", "--no-audit", "--no-fund"], { cwd: root }),
  );
  writeStamp(folder, stamp);
}

/** The folder of a package that the addon's build reads: `root`'s, or one that npm has put further up; null where it is missing. */
function packageFolder(root, name) {
  try {
    return dirname(createRequire(join(root, "package.json")).resolve(`${name}/package.json`));
  } catch {
    return null;
  }
}
const headerFolders = (root) => ["node-api-headers", "node-addon-api"].map((name) => packageFolder(root, name));

function addonStamp(root, libtorch) {
  const { size, mtimeMs } = statSync(libraryFile(libtorch));
  const headers = headerFolders(root).map(
    (folder) => folder && JSON.parse(readFileSync(join(folder, "package.json"), "utf8")).version,
  );
  const native = join(torchFolder(root), "native");
  return {
    configuration: digest(
      [join(native, "CMakeLists.txt")],
      [root, { ...libtorch, from: undefined }, size, mtimeMs, headers, hasGloo(libtorch)],
    ),
    sources: digest([native]),
  };
}

export function addonIsBuilt(root, libtorch) {
  const folder = join(torchFolder(root), "build");
  return existsSync(join(folder, "addon.node")) && readStamp(folder) === JSON.stringify(addonStamp(root, libtorch));
}

/** The settings for torch/native/CMakeLists.txt. */
export function addonSettings(root, libtorch) {
  const [headers, wrapper] = headerFolders(root);
  if (!headers || !wrapper)
    throw new SetupError("the packages node-api-headers and node-addon-api are missing; run npm install again, without --omit");
  return {
    LIBTORCH_INCLUDE: libtorch.include.join(";"),
    LIBTORCH_LIB: libtorch.lib,
    NODE_INCLUDE: [join(headers, "include"), wrapper].join(";"),
    CXX11_ABI: libtorch.abi,
  };
}

/** Compiles @sparsecell/torch's native/ into its build/addon.node, from scratch unless only sources have changed since a complete build. */
export function buildAddon(root, libtorch) {
  if (addonIsBuilt(root, libtorch)) return;
  const folder = join(torchFolder(root), "build");
  const stamp = addonStamp(root, libtorch);
  say(`libtorch ${libtorch.version} (${libtorch.from})`);
  if (JSON.parse(readStamp(folder) || "{}").configuration !== stamp.configuration)
    rmSync(folder, { recursive: true, force: true });
  removeStamp(folder);
  const definitions = Object.entries(addonSettings(root, libtorch)).map(([name, value]) => `-D${name}=${value}`);
  step("building the native addon", () => {
    const generator = !isOnPath("make") && isOnPath("ninja") ? ["-G", "Ninja"] : [];
    const configured = attempt("cmake", ["-S", join(torchFolder(root), "native"), "-B", folder, ...generator, ...definitions]);
    if (!configured.ok) return configured;
    const built = attempt("cmake", ["--build", folder, "--parallel", String(availableParallelism())]);
    if (!built.ok) writeStamp(folder, JSON.stringify({ configuration: stamp.configuration })); // files it has compiled are complete
    return built;
  });
  const loaded = attempt(process.execPath, ["-e", "require(process.argv[1]).build()", join(folder, "addon.node")]);
  const reason = /^\w*Error: (.*)$/m.exec(loaded.output)?.[1] ?? loaded.output.trim().split("\n")[0];
  if (!loaded.ok)
    throw new SetupError(
      `the addon built against ${libtorch.lib} cannot be loaded (${reason}); set LIBTORCH to another libtorch`,
    );
  writeStamp(folder, JSON.stringify(stamp));
}

/**
 * Compiles the program that reads slides by OpenSlide into build/openslide/reader. It needs no header of OpenSlide. Without it
 * only slides that need OpenSlide cannot be read, so that a failure is a line and no error.
 */
export function buildSlideReader(root, { compiler = findCompiler(), folder = join(root, "build/openslide") } = {}) {
  const source = join(root, "src/slides/openslide-reader.cc");
  const program = join(folder, "reader");
  const stamp = digest([source], [process.platform, process.arch]);
  if (existsSync(program) && readStamp(folder) === stamp) return;
  const without = (why) => say(`${why}: slides that need OpenSlide (NDPI, MRXS, SCN, BIF and others) cannot be read`);
  if (!compiler) return without("no C++ compiler");
  mkdirSync(folder, { recursive: true });
  removeStamp(folder);
  const built = attempt(compiler, ["-O2", "-std=c++17", source, "-ldl", "-o", program]);
  if (!built.ok) return without(`${relative(root, source)} was not compiled (${relevantLines(built.output, 1)[0]})`);
  writeStamp(folder, stamp);
}

const findCompiler = (env = process.env) => env.CXX || ["c++", "g++", "clang++"].find((name) => isOnPath(name, env));

/**
 * Compiles one TypeScript project (`folder` with tsconfig.json) and removes the output of deleted sources. Paths below `dist` are
 * those of the sources below `from`.
 */
export function buildTypeScript(
  root,
  folder,
  { src = join(folder, "src"), from = src, dist = join(folder, "dist"), dependsOn = [] } = {},
) {
  const stamp = digest([
    src,
    ...dependsOn,
    join(folder, "tsconfig.json"),
    join(root, "tsconfig.base.json"),
    join(root, "package-lock.json"),
  ]);
  if (readStamp(dist) === stamp) return;
  removeStamp(dist);
  const compiler = join(root, "node_modules/typescript/bin/tsc");
  step(`compiling ${relative(root, src)}`, () =>
    attempt(process.execPath, [compiler, "-p", folder, "--pretty", "false"], { cwd: root }),
  );
  for (const file of filesUnder(dist)) {
    const source = join(from, relative(dist, file).replace(/(\.d\.ts|\.js)(\.map)?$/, ""));
    if (![".ts", ".tsx"].some((extension) => existsSync(source + extension))) rmSync(file);
  }
  writeStamp(dist, stamp);
}
