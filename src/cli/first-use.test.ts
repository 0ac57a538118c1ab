// Set-up at the first use, with a script in its place that starts a process of its own and waits for it, as set-up does with cmake.

import assert from "node:assert/strict";
import { spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, test } from "node:test";
import { setTimeout } from "node:timers/promises";

const root = mkdtempSync(join(tmpdir(), "first-use-"));
after(() => rmSync(root, { recursive: true }));

async function until(holds: () => boolean): Promise<void> {
  while (!holds()) await setTimeout(20);
}

/** Not when it has ended and nobody has waited for it. */
const isAlive = (pid: string): boolean =>
  /^State:\s+[^ZX]/m.test(spawnSync("cat", [`/proc/${pid}/status`], { encoding: "utf8" }).stdout);

const started = (script: string) => {
  const module = JSON.stringify(import.meta.resolve("./first-use.js"));
  const source = `const { runSetUp } = await import(${module}); process.exit((await runSetUp(${JSON.stringify(script)})) ?? 9);`;
  return spawn(process.execPath, ["--input-type=module", "-e", source], { stdio: ["ignore", "ignore", "inherit"] });
};

for (const signal of ["SIGTERM", "SIGINT"] as const)
  test(`${signal} ends set-up and what it has started`, { skip: !existsSync("/proc/self/status") && "needs /proc" }, async () => {
    const [script, pid] = [join(root, `${signal}.mjs`), join(root, `${signal}.pid`)];
    const shell = JSON.stringify(`echo $$ > ${pid}.tmp; mv ${pid}.tmp ${pid}; exec sleep 1000`);
    writeFileSync(script, `import { spawnSync } from "node:child_process"; spawnSync("sh", ["-c", ${shell}]);`);
    const child = started(script);
    await until(() => existsSync(pid));
    const compiler = readFileSync(pid, "utf8").trim();
    assert.ok(isAlive(compiler));
    child.kill(signal);
    const [status] = await once(child, "close");
    assert.equal(status, { SIGTERM: 143, SIGINT: 130 }[signal]);
    await until(() => !isAlive(compiler));
  });

test("its exit code is set-up's", async () => {
  const script = join(root, "fails.mjs");
  writeFileSync(script, "process.exitCode = 3;");
  const [status] = await once(started(script), "close");
  assert.equal(status, 3);
});
