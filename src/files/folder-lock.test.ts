import assert from "node:assert/strict";
import { spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { existsSync, lutimesSync, mkdirSync, mkdtempSync, readlinkSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { hostname, tmpdir } from "node:os";
import { join } from "node:path";
import { after, test } from "node:test";
import { lockFolder, lockWhenFree } from "./folder-lock.ts";

const root = mkdtempSync(join(tmpdir(), "folder-lock-"));
after(() => rmSync(root, { recursive: true }));

test("one process at a time; a dead process does not count", async () => {
  const dir = join(root, "locked");
  const unlock = lockFolder(dir);
  lockFolder(dir); // its own
  unlock();
  assert.ok(!existsSync(dir), "a folder made for the lock goes with it");

  mkdirSync(dir);
  const holder = process.ppid;
  writeFileSync(join(dir, "lock"), String(holder));
  assert.throws(
    () => lockFolder(dir),
    new RegExp(
      `^UserError: .*locked: .* is at work in it \\(process ${holder}\\); wait until it ends, or stop it: kill ${holder}$`,
    ),
  );
  const waiting = lockWhenFree(dir, 20);
  const { pid } = spawnSync(process.execPath, ["-e", ""]);
  writeFileSync(join(dir, "lock"), String(pid)); // that one has ended
  (await waiting)();
});

/** Starts a process that takes `dir`, says whether it got it, and goes when its stdin ends. */
function contender(dir: string) {
  const script = `
    const { lockFolder } = await import(${JSON.stringify(import.meta.resolve("./folder-lock.js"))});
    try { lockFolder(${JSON.stringify(dir)}); console.log("has it"); } catch (error) { console.log(error.message); }
    process.stdin.resume().on("end", () => process.exit());
  `;
  const child = spawn(process.execPath, ["--input-type=module", "-e", script], { stdio: ["pipe", "pipe", "inherit"] });
  const said = once(child.stdout.setEncoding("utf8"), "data").then(([text]) => (text as string).trim());
  return { child, said };
}

test("of several processes that find a stale lock at the same time, one gets the folder", async () => {
  const dir = join(root, "contended");
  const first = contender(dir);
  assert.equal(await first.said, "has it");
  first.child.kill("SIGKILL");
  await once(first.child, "close");
  assert.match(readlinkSync(join(dir, "lock")), new RegExp(`^${first.child.pid} `));

  const contenders = Array.from({ length: 4 }, () => contender(dir));
  const said = await Promise.all(contenders.map((each) => each.said));
  const winner = contenders[said.indexOf("has it")].child.pid;
  assert.deepEqual(said.map((text) => text.replace(`${dir}: `, "")).sort(), [
    ...Array(3).fill(`another program is at work in it (process ${winner}); wait until it ends, or stop it: kill ${winner}`),
    "has it",
  ]);
  for (const { child } of contenders) child.stdin.end();
  await Promise.all(contenders.map(({ child }) => once(child, "close")));
  assert.ok(!existsSync(dir), "given back at the exit");
});

test("another process with the PID of a dead one does not count", {
  skip: !existsSync("/proc/self/stat") && "needs /proc",
}, () => {
  const dir = join(root, "reused");
  mkdirSync(dir);
  symlinkSync(`${process.ppid} 1 ${hostname()}`, join(dir, "lock"));
  lockFolder(dir)();
});

test("another machine's lock counts as long as it is touched", () => {
  const dir = join(root, "elsewhere");
  mkdirSync(dir);
  const lock = join(dir, "lock");
  symlinkSync("7 123 other", lock);
  assert.throws(
    () => lockFolder(dir),
    /elsewhere: a program on the machine other is at work in it \(process 7 there\); .* or remove .*elsewhere.lock$/,
  );
  const earlier = Date.now() / 1000 - 301;
  lutimesSync(lock, earlier, earlier);
  lockFolder(dir)();
});
