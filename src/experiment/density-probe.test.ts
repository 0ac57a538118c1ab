import assert from "node:assert/strict";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { looksOf, readDensity } from "./density-probe.ts";

test("looks are evenly spaced and end with the training", () => {
  assert.deepEqual(looksOf(3), [1, 2, 3]);
  assert.deepEqual(looksOf(600), [100, 200, 300, 400, 500, 600]);
  assert.deepEqual([looksOf(10_000).length, looksOf(10_000).at(-1)], [20, 10_000]);
});

test("a step that was looked at twice, and half a line of a killed process", () => {
  const dir = mkdtempSync(join(tmpdir(), "density-"));
  const file = join(dir, "density.jsonl");
  assert.deepEqual(readDensity(file), []);
  writeFileSync(file, '{"step":5,"n":1}\n{"step":10,"n":1}\n{"st\n{"step":5,"n":2}\n');
  assert.deepEqual(readDensity(file), [
    { step: 5, n: 2 },
    { step: 10, n: 1 },
  ]);
  rmSync(dir, { recursive: true });
});
