// The committed table of operators must match the linked libtorch (of the same version; others are not compared).

import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { test } from "node:test";
import { fileURLToPath } from "node:url";

const generator = fileURLToPath(new URL("../torch/scripts/generate-operators.mjs", import.meta.url));

test("torch/src/generated/operators.ts is current", (t) => {
  const { status, stdout, stderr } = spawnSync(process.execPath, [generator, "--check"], { encoding: "utf8" });
  assert.equal(status, 0, stderr);
  t.diagnostic(stdout.trim());
});
