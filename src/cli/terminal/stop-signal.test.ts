import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { constants } from "node:os";
import { test } from "node:test";

/** Runs `script`, which may use trackStop and kill(signal), which comes back when the signal has arrived. */
function run(script: string) {
  const prelude = `
    import { trackStop } from ${JSON.stringify(import.meta.resolve("./stop-signal.js"))};
    const kill = async (signal) => {
      process.kill(process.pid, signal);
      await new Promise((resolve) => setTimeout(resolve, 300));
    };
    const stop = trackStop();
  `;
  const { status, signal, stdout, stderr } = spawnSync(process.execPath, ["--input-type=module", "-e", prelude + script], {
    encoding: "utf8",
  });
  return { status, signal, stdout, stderr };
}

const said = "\nstopping after the current step; repeat to stop at once\n";

test("the first signal is remembered, with the exit code that shells expect", () => {
  const script = (signal: string) =>
    `console.log(stop.signal, stop.exitCode); await kill("${signal}"); console.log(stop.signal, stop.exitCode);`;
  assert.deepEqual(run(script("SIGINT")), { status: 0, signal: null, stdout: "null 0\nSIGINT 130\n", stderr: said });
  assert.deepEqual(run(script("SIGTERM")), { status: 0, signal: null, stdout: "null 0\nSIGTERM 143\n", stderr: said });
  const usr1 = 128 + constants.signals.SIGUSR1;
  assert.deepEqual(run(script("SIGUSR1")), { status: 0, signal: null, stdout: `null 0\nSIGUSR1 ${usr1}\n`, stderr: said });
});

test("one that follows at once is an echo of the first", () => {
  const echoed = run(`process.kill(process.pid, "SIGINT"); await kill("SIGTERM"); console.log(stop.exitCode);`);
  assert.deepEqual(echoed, { status: 0, signal: null, stdout: "130\n", stderr: said });
});

test("a second one ends the process at once; a released one is the system's again", () => {
  const twice = run(`await kill("SIGTERM"); await kill("SIGINT"); console.log("still here");`);
  assert.deepEqual(twice, { status: 130, signal: null, stdout: "", stderr: said });
  const released = run(`stop.release(); await kill("SIGINT"); console.log("still here");`);
  assert.deepEqual(released, { status: null, signal: "SIGINT", stdout: "", stderr: "" });
});
