// Tests the parts of set-up on temporary folders: nothing is installed, and the project's builds are not touched.

import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { hostname, tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { test } from "node:test";
import { fileURLToPath, pathToFileURL } from "node:url";
import { buildSlideReader, buildTypeScript } from "./build.mjs";
import { findLibtorch } from "./find-libtorch.mjs";
import { relevantLines, SetupError } from "./progress.mjs";
import { digest } from "./stamp.mjs";
import { howToInstall, missingPackages } from "./system-packages.mjs";

const root = fileURLToPath(new URL("..", import.meta.url));

function write(file, text = "") {
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, text);
}

function inFolder(work) {
  const folder = mkdtempSync(join(tmpdir(), "set-up-"));
  try {
    work(folder);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** A folder that looks like libtorch: headers without content, libraries without code. */
function fakeLibtorch(folder, version, symbol = "_ZN3c105ErrorC2ENS_14SourceLocationENSt7__cxx1112basic_string") {
  const api = join(folder, "include/torch/csrc/api/include");
  write(join(folder, "include/ATen/ATen.h"));
  write(join(api, "torch/version.h"), `#pragma once\n#define TORCH_VERSION \\\n  "${version}"\n`);
  const suffix = process.platform === "darwin" ? "dylib" : "so";
  for (const name of ["torch", "torch_cpu", "c10"]) write(join(folder, `lib/lib${name}.${suffix}`), `\0${symbol}\0`);
  return { include: [join(folder, "include"), api], lib: join(folder, "lib") };
}

test("LIBTORCH is used, or refused with a list of what it lacks", () => {
  inFolder((folder) => {
    const env = { LIBTORCH: folder, PATH: "" };
    assert.throws(() => findLibtorch(env), { message: /lacks include\/ATen\/ATen\.h, .*version\.h, lib\/libtorch_cpu\.\w+;/ });
    const folders = fakeLibtorch(folder, "2.6.0");
    assert.deepEqual(findLibtorch(env).libtorch, { ...folders, version: "2.6.0", abi: 1, from: "LIBTORCH" });
    fakeLibtorch(folder, "2.5.1", "_ZN3c105ErrorC2ENS_14SourceLocationESs");
    assert.equal(findLibtorch(env).libtorch.abi, 0);
    fakeLibtorch(folder, "1.12.1");
    assert.throws(() => findLibtorch(env), SetupError);
  });
});

test("the PyTorch of python3 is used if it has headers and is new enough", () => {
  inFolder((folder) => {
    const python = join(folder, "bin/python3");
    write(python, `#!/bin/sh\necho "${folder}/torch"\n`);
    chmodSync(python, 0o755);
    const env = { PATH: join(folder, "bin") };
    assert.notEqual(findLibtorch(env).libtorch?.from, "PyTorch of python3", "a package without headers");
    fakeLibtorch(join(folder, "torch"), "2.10.0");
    assert.equal(findLibtorch(env).libtorch.from, "PyTorch of python3");
    assert.equal(findLibtorch(env).libtorch.version, "2.10.0");
    fakeLibtorch(join(folder, "torch"), "1.9.1");
    assert.match(findLibtorch(env).tooOld.join(), /1\.9\.1/);
  });
});

test("of two set-ups at once the second waits for the first, and the lock of a dead one does not count", () => {
  inFolder((folder) => {
    const program = `import { appendFileSync } from "node:fs";
      import { oneAtATime } from ${JSON.stringify(pathToFileURL(join(root, "scripts/one-at-a-time.mjs")).href)};
      oneAtATime(process.argv[1], () => {
        for (const word of ["begin", "end"]) {
          appendFileSync(process.argv[1] + "/log", word + " ");
          Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 50);
        }
      });`;
    write(join(folder, ".setup-lock"), `2147483647 1 ${hostname()}`); // more than any process has
    const both = `import { spawn } from "node:child_process";
      for (const _ of "abc") spawn(process.execPath, ["--input-type=module", "-e", ${JSON.stringify(program)}, ${JSON.stringify(folder)}], { stdio: "inherit" });`;
    spawnSync(process.execPath, ["--input-type=module", "-e", both], { stdio: "ignore" });
    assert.equal(readFileSync(join(folder, "log"), "utf8"), "begin end ".repeat(3));
    assert.deepEqual(readdirSync(folder), ["log"]);
  });
});

test("tools are needed only if the addon must be built", () => {
  inFolder((folder) => {
    fakeLibtorch(folder, "2.6.0");
    const env = { LIBTORCH: folder, PATH: "" };
    const { libtorch } = findLibtorch(env);
    assert.deepEqual(missingPackages(libtorch, { tools: true, env }), ["cmake", "g++", "make"]);
    assert.deepEqual(missingPackages(libtorch, { tools: false, env }), []);
    assert.deepEqual(missingPackages(undefined, { tools: false, env }), ["libtorch-dev", "libopenblas0-openmp"]);
  });
});

test("one line says what to install on every system", () => {
  inFolder((folder) => {
    const withCommands = (name, ...commands) => {
      for (const command of commands) {
        write(join(folder, name, command));
        chmodSync(join(folder, name, command), 0o755);
      }
      return { PATH: join(folder, name) };
    };
    const missing = ["libtorch-dev", "libopenblas0-openmp", "cmake", "g++", "make"];
    const lines = {
      mac: howToInstall(missing, { platform: "darwin", env: { PATH: "" } }),
      windows: howToInstall(missing, { platform: "win32", env: { PATH: "" } }),
      debian: howToInstall(missing, { platform: "linux", env: withCommands("debian", "apt-get", "sudo") }),
      fedora: howToInstall(missing, { platform: "linux", env: withCommands("fedora", "dnf") }),
      other: howToInstall(missing, { platform: "linux", env: { PATH: "" } }),
    };
    for (const line of Object.values(lines)) assert.ok(!line.includes("\n"));
    assert.match(lines.mac, /brew install pytorch cmake/);
    assert.match(lines.windows, /WSL2/);
    assert.match(
      lines.debian,
      /sudo apt-get install -y --no-install-recommends libtorch-dev libopenblas0-openmp cmake g\+\+ make$/,
    );
    assert.match(lines.fedora, /dnf install cmake gcc-c\+\+ make.*LIBTORCH/);
    assert.match(lines.other, /install cmake, g\+\+, make.*LIBTORCH/);
  });
});

test("of a failed command, the lines that name an error are shown, otherwise the last ones", () => {
  assert.deepEqual(relevantLines("[ 10%] Building\na.cc:3:1: error: no\nnote\n"), ["a.cc:3:1: error: no"]);
  assert.deepEqual(relevantLines("one\n\ntwo\nthree\n", 2), ["two", "three"]);
});

test("a digest depends on names, contents and facts", () => {
  inFolder((folder) => {
    write(join(folder, "a/b.txt"), "1");
    const first = digest([folder], ["x"]);
    assert.equal(digest([folder], ["x"]), first);
    assert.notEqual(digest([folder], ["y"]), first);
    write(join(folder, "a/b.txt"), "2");
    const second = digest([folder], ["x"]);
    assert.notEqual(second, first);
    write(join(folder, "a/c.txt"));
    assert.notEqual(digest([folder], ["x"]), second);
  });
});

test("a reader of slides that cannot be built is a line, and set-up goes on", (t) => {
  const lines = t.mock.method(process.stderr, "write", () => true).mock;
  const said = () => lines.calls.map((call) => call.arguments[0]).join("");
  inFolder((folder) => {
    write(join(folder, "src/slides/openslide-reader.cc"), "int main() { return 0; }\n");
    buildSlideReader(folder, { compiler: join(folder, "no-compiler") });
    assert.match(said(), /^set-up: src\/slides\/openslide-reader\.cc was not compiled \(.*: slides that need OpenSlide .*\n$/);
    buildSlideReader(folder, { compiler: null });
    assert.match(said(), /\nset-up: no C\+\+ compiler: slides that need OpenSlide .*\n$/);
  });
});

test("TypeScript is compiled when it has changed, and the output of deleted sources is removed", (t) => {
  t.mock.method(process.stderr, "write", () => true);
  inFolder((folder) => {
    symlinkSync(join(root, "node_modules"), join(folder, "node_modules"));
    write(join(folder, "package.json"), '{ "type": "module" }');
    write(join(folder, "package-lock.json"), "{}");
    write(join(folder, "tsconfig.base.json"), "{}");
    const options = {
      rootDir: "src",
      outDir: "dist",
      module: "nodenext",
      declaration: true,
      sourceMap: true,
      strict: true,
      types: [],
    };
    write(join(folder, "tsconfig.json"), JSON.stringify({ compilerOptions: options, include: ["src"] }));
    write(join(folder, "src/kept.ts"), "export const kept: number = 1;\n");
    write(join(folder, "src/gone.test.ts"), "export const gone: number = 1;\n");
    const made = (name) => ["js", "js.map", "d.ts"].map((end) => existsSync(join(folder, `dist/${name}.${end}`)));

    buildTypeScript(folder, folder);
    assert.deepEqual([made("kept"), made("gone.test")].flat(), Array(6).fill(true));
    const before = statSync(join(folder, "dist/kept.js")).mtimeMs;
    buildTypeScript(folder, folder);
    assert.equal(statSync(join(folder, "dist/kept.js")).mtimeMs, before, "nothing changed, nothing done");

    rmSync(join(folder, "src/gone.test.ts"));
    buildTypeScript(folder, folder);
    assert.deepEqual([made("kept"), made("gone.test")].flat(), [true, true, true, false, false, false]);

    write(join(folder, "src/kept.ts"), 'export const kept: number = "one";\n');
    assert.throws(() => buildTypeScript(folder, folder), SetupError);
    assert.throws(() => buildTypeScript(folder, folder), SetupError, "a failed build is not taken for a finished one");
  });
});
