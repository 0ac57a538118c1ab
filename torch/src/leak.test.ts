import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { test } from "node:test";
import { fileURLToPath } from "node:url";

test("10,000 training steps leave live tensors, their bytes and resident memory where they were", () => {
  const script = fileURLToPath(new URL("./leak.fixture.js", import.meta.url));
  const env = { ...process.env, OMP_NUM_THREADS: "1" };
  const { status, stdout, stderr } = spawnSync(process.execPath, ["--expose-gc", script], { encoding: "utf8", env });
  assert.equal(status, 0, stderr);
  const [early, late] = JSON.parse(stdout) as { tensors: number; bytes: number; rss: number }[];
  assert.deepEqual([early.tensors, early.bytes], [8, 2 * 4 * (4 * 27 + 4 + 8 + 2)]); // four parameters and their momentum
  assert.deepEqual([late.tensors, late.bytes], [early.tensors, early.bytes]);
  const growth = (late.rss - early.rss) / 2 ** 20;
  assert.ok(growth < 8, `resident memory grew by ${growth.toFixed(1)} MiB over 8,000 steps`);
});
