// The package that `npm pack` makes: what is needed is in it, what only the project needs is not.

import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { existsSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { fileURLToPath } from "node:url";
import { filesUnder } from "./stamp.mjs";

const root = fileURLToPath(new URL("..", import.meta.url));
const read = (file) => JSON.parse(readFileSync(join(root, file), "utf8"));
const { dependencies, bundleDependencies } = read("package.json");

/** What `npm pack` would pack, without building anything; undefined where there is no npm. */
function packed() {
  const [command, ...args] = process.env.npm_execpath ? [process.execPath, process.env.npm_execpath] : ["npm"];
  const { status, stdout } = spawnSync(command, [...args, "pack", "--dry-run", "--json", "--ignore-scripts"], {
    cwd: root,
    encoding: "utf8",
  });
  return status === 0 ? JSON.parse(stdout)[0] : undefined;
}
const contents = packed();
const skip = contents === undefined && "npm does not start here";

test("torch is a dependency of its version and bundled", () => {
  const { name, version } = read("torch/package.json");
  assert.deepEqual([dependencies[name], bundleDependencies], [version, [name]]);
});

test("what runs is in the package", { skip }, () => {
  const files = new Set(contents.files.map(({ path }) => path));
  const program = ["dist", "workbench/dist", "workbench/page/dist"]
    .flatMap((folder) => filesUnder(join(root, folder)))
    .map((file) => file.slice(root.length))
    .filter((file) => file.endsWith(".js") && !/\.(test|fixture)\.js$/.test(file));
  const torch = "node_modules/@sparsecell/torch";
  const native = filesUnder(join(root, "torch/native")).map((file) => file.replace(join(root, "torch"), torch));
  const needed = [
    ...program,
    ...native,
    `${torch}/package.json`,
    `${torch}/dist/index.js`,
    "workbench/page/index.html",
    "workbench/page/style.css",
    "bin/sparsecell.js",
    "scripts/setup.mjs",
    "scripts/one-at-a-time.mjs",
    "scripts/doctor.mjs",
    "src/slides/openslide-reader.cc",
    "benchmarks/torchvision_peer.py",
    "benchmarks/gpu-check.mjs",
    "README.md",
    "LICENSE",
  ];
  assert.deepEqual(
    needed.filter((file) => !files.has(file)),
    [],
  );
});

test("what set-up and doctor import is in the package", { skip }, () => {
  const files = new Set(contents.files.map(({ path }) => path));
  for (const file of [...files].filter((path) => /^(scripts|benchmarks)\/.*\.mjs$/.test(path)))
    for (const [, target] of readFileSync(join(root, file), "utf8").matchAll(/from "(\.[^"]+)"/g)) {
      const path = new URL(target, `file:///${file}`).pathname.slice(1);
      assert.ok(files.has(path), `${file} imports ${path}`);
    }
});

test("tests, sources, results, maps and builds are not, and it is small", { skip }, () => {
  const surplus =
    /\.(test|fixture)\.|\.map$|\.setup-stamp$|^(docs|examples|experiments|test|qupath)\/|^src\/.*\.ts$|addon\.node|^(runs|data|build)\//;
  assert.deepEqual(
    contents.files.map(({ path }) => path).filter((path) => surplus.test(path)),
    [],
  );
  assert.ok(contents.size < 3e6, `${contents.size} bytes packed`);
});

test("it installs into an empty project, and its doctor runs there", (t) => {
  if (skip) return t.skip(skip);
  const dir = mkdtempSync(join(tmpdir(), "package-"));
  const npm = process.env.npm_execpath ? [process.execPath, process.env.npm_execpath] : ["npm"];
  const run = (...args) => spawnSync(npm[0], [...npm.slice(1), ...args], { encoding: "utf8", cwd: root });
  try {
    const pack = run("pack", "--ignore-scripts", "--json", "--pack-destination", dir);
    const [{ filename }] = JSON.parse(pack.stdout);
    const install = run(
      "install",
      "--offline",
      "--ignore-scripts",
      "--no-audit",
      "--no-fund",
      "--prefix",
      dir,
      join(dir, filename),
    );
    if (install.status !== 0) return t.skip("npm's cache does not hold the packages that it depends on");
    const program = join(dir, "node_modules/sparsecell/bin/sparsecell.js");
    const { status, stdout, stderr } = spawnSync(process.execPath, [program, "doctor", "--json"], { cwd: dir, encoding: "utf8" });
    const { ok, checks } = JSON.parse(stdout);
    assert.deepEqual([status, stderr], [ok ? 0 : 1, ""]);
    assert.match(checks[0].found, /, the package in /);
    assert.equal(checks.find(({ name }) => name === "npm packages").state, "ok");
    assert.ok(!existsSync(join(dir, "node_modules/sparsecell/src/index.ts")));
  } finally {
    rmSync(dir, { recursive: true, force: true });
  }
});
