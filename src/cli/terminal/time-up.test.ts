import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { constants } from "node:os";
import { test } from "node:test";

/** What a process leaves that does `work` with the handler in place. */
function left(work: string): { status: number | null; stderr: string } {
  const script = `
    import { endWhenTimeIsUp } from ${JSON.stringify(import.meta.resolve("./time-up.js"))};
    const time = endWhenTimeIsUp("nothing was finished");
    const warned = new Promise((resolve) => setInterval(resolve, 60_000));
    ${work}
    process.kill(process.pid, "SIGUSR1");
    await warned;
  `;
  const { status, stderr } = spawnSync(process.execPath, ["--input-type=module", "-e", script], { encoding: "utf8" });
  return { status, stderr };
}

test("time is up: 138 when something is finished, else an error", () => {
  assert.deepEqual(left("time.progressed();"), { status: 128 + constants.signals.SIGUSR1, stderr: "" });
  assert.deepEqual(left(""), { status: 1, stderr: "sparsecell: nothing was finished\n" });
});

test("released, the signal has its own handlers again", () => {
  const { status } = left('time.release(); process.once("SIGUSR1", () => process.exit(7));');
  assert.equal(status, 7);
});
