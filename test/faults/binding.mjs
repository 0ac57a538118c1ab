// Random calls of operators and of the rest of the binding, with wrong numbers of arguments, types, shapes, devices and released
// tensors, 10,000 per process: every call ends in a result or an Error, no tensor is left, and memory does not grow.
// The operators of libtorch 1.13 were tested one by one (torch/README.md); with other versions only the rest is called.

import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { fileURLToPath } from "node:url";
import { runtime } from "@sparsecell/torch";
import { faultScript } from "./fault-script.mjs";

const CALLS = 10_000; // per process
const MOST_GROWTH = 32; // MiB, during the second half of the calls
const LONGEST = 120_000; // ms

const script = fileURLToPath(new URL("../../torch/dist/random-calls.fixture.js", import.meta.url));

await faultScript({ short: 1, full: 50 }, async ({ count, seed, folder, trial, note }) => {
  const { version } = runtime();
  const pattern = version.startsWith("1.13") ? [] : ["^no operator$"];
  if (pattern.length > 0) note(`the operators of libtorch ${version} were left out`);
  const sum = { succeeded: 0, refused: 0 };
  let most = 0;
  for (let i = 0; i < count; i++)
    await trial(`${CALLS} random calls in a process`, () => {
      const { status, signal, stdout, stderr } = spawnSync(
        process.execPath,
        ["--expose-gc", script, String(seed + i), String(CALLS), ...pattern],
        {
          cwd: folder, // some operators open files
          encoding: "utf8",
          env: { ...process.env, OMP_NUM_THREADS: "1" },
          maxBuffer: 2 ** 28,
          timeout: LONGEST,
        },
      );
      const last = stdout.trimEnd().split("\n").at(-1);
      assert.ok(status === 0, `seed ${seed + i}: ended by ${signal ?? status} after "${last}" ${stderr.slice(-300)}`);
      const { succeeded, refused, tensors, growth } = JSON.parse(last);
      sum.succeeded += succeeded;
      sum.refused += refused;
      most = Math.max(most, growth);
      assert.equal(succeeded + refused, CALLS);
      assert.equal(tensors, 0, `seed ${seed + i}: ${tensors} tensors are left`);
      assert.ok(growth < MOST_GROWTH, `seed ${seed + i}: resident memory grew by ${growth} MiB`);
    });
  note(
    `${sum.succeeded} calls gave a result, ${sum.refused} an Error; resident memory grew by at most ${most} MiB in the second half of a process`,
  );
});
