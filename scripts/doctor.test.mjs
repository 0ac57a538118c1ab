// `doctor` in environments that lack things: it always answers, and its exit code says whether commands will run.

import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { homedir, tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { after, test } from "node:test";
import { fileURLToPath } from "node:url";
import { cacheFolder } from "../dist/files/cache-folder.js";
import { cacheFolder as doctorsCacheFolder } from "./doctor/weights.mjs";
import { asText, examine, verdict } from "./doctor.mjs";

const root = fileURLToPath(new URL("..", import.meta.url));
const dir = mkdtempSync(join(tmpdir(), "doctor-"));
after(() => rmSync(dir, { recursive: true }));

function write(file, text = "", mode = 0o644) {
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, text);
  chmodSync(file, mode);
  return file;
}
const program = (name, script) => write(join(dir, "bin", name), `#!/bin/sh\n${script}\n`, 0o755);

/** A package that is not set up, with no program on its PATH but `commands`. */
function bare({ commands = {}, ...variables } = {}) {
  const place = join(dir, "package");
  write(join(place, "package.json"), JSON.stringify({ version: "1.0.0", dependencies: {} }));
  rmSync(join(dir, "bin"), { recursive: true, force: true });
  for (const [name, script] of Object.entries(commands)) program(name, script);
  const env = { PATH: join(dir, "bin"), LIBTORCH: join(dir, "no-libtorch"), ...variables };
  const checks = examine({ root: place, env, cwd: dir, home: dir });
  return { checks, of: (name) => checks.find((check) => check.name === name) };
}

test("the project as set up is all that is needed", () => {
  const args = [join(root, "bin/sparsecell.js"), "doctor"];
  const { status, stdout, stderr } = spawnSync(process.execPath, [...args, "--json"], { encoding: "utf8" });
  const { ok, checks } = JSON.parse(stdout);
  assert.deepEqual([status, ok, stderr], [0, true, ""], stdout);
  for (const name of ["Node", "npm packages", "libtorch", "addon", "memory", "disk", "processor"])
    assert.ok(["ok", "warning"].includes(checks.find((check) => check.name === name)?.state), name);
});

test("it runs where nothing is built or on the PATH, and says what is missing", () => {
  const { checks, of } = bare();
  assert.equal(verdict(checks).ok, false);
  assert.deepEqual([of("libtorch").state, of("libtorch").mend], ["missing", "unset LIBTORCH"]);
  assert.match(of("libtorch").found, /^LIBTORCH=.*no-libtorch lacks /);
  assert.equal(of("C++ build tools").state, "missing");
  assert.match(of("C++ build tools").mend, /install cmake, g\+\+, make/);
  for (const name of ["OpenSlide", "Slurm", "cards", "processes"]) assert.equal(of(name).state, "absent", name);
  assert.match(asText(checks), /\nmissing: libtorch, C\+\+ build tools, addon: unset LIBTORCH; then: /);
});

test("a package without what it depends on, or for another machine, is named with its remedy", () => {
  const place = join(dir, "clone");
  write(join(place, "package.json"), JSON.stringify({ version: "1.0.0", dependencies: { "not-there": "1" } }));
  const env = { PATH: "", LIBTORCH: join(dir, "no-libtorch") };
  const check = (name) => examine({ root: place, env, cwd: dir, home: dir }).find((each) => each.name === name);
  assert.deepEqual([check("npm packages").state, check("npm packages").mend], ["missing", "npm install"]);
  write(join(place, "src/index.ts"));
  assert.deepEqual([check("npm packages").state, check("npm packages").mend], ["to do", "npx sparsecell setup"]);
  assert.equal(check("TypeScript").state, "to do");
});

test("cards and Slurm are found by their programs", () => {
  const commands = { "nvidia-smi": 'echo "NVIDIA X1, 81559 MiB, 580.1"', sbatch: 'echo "slurm 22.05.8"' };
  const { of } = bare({ commands });
  assert.deepEqual([of("cards").state, of("cards").found], ["ok", "NVIDIA X1, 81559 MiB, driver 580.1"]);
  assert.deepEqual([of("Slurm").state, of("Slurm").found], ["ok", "slurm 22.05.8"]);
  const broken = bare({ commands: { "nvidia-smi": "exit 9", sbatch: "exit 1" } });
  assert.deepEqual([broken.of("cards").state, broken.of("Slurm").state], ["absent", "absent"]);
});

test("first weights that are damaged are named with the command that removes them", () => {
  const cache = join(dir, "cache");
  assert.equal(bare({ SPARSECELL_CACHE: cache }).of("first weights").state, "absent");
  const file = write(join(cache, "resnet18-00000000.pth"), "not it");
  const { state, mend } = bare({ SPARSECELL_CACHE: cache }).of("first weights");
  assert.deepEqual([state, mend], ["warning", `rm '${file}'`]);
  for (const env of [{ SPARSECELL_CACHE: cache }, { XDG_CACHE_HOME: "/x" }, {}])
    assert.equal(doctorsCacheFolder(env, homedir()), cacheFolder(env));
});

test("an error of set-up points to doctor", () => {
  const env = { ...process.env, LIBTORCH: join(dir, "no-libtorch") };
  const { status, stderr } = spawnSync(process.execPath, [join(root, "scripts/setup.mjs")], { encoding: "utf8", env });
  assert.equal(status, 1);
  assert.match(stderr, /^set-up: LIBTORCH=.* lacks .*\nset-up: what is here and what is missing: npx sparsecell doctor\n$/);
});
