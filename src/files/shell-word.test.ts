import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { test } from "node:test";
import { shellWord } from "./shell-word.ts";

test("a shell reads the word back, and plain paths are not quoted", () => {
  for (const text of ["runs/bde-1", "läufe/a_b", "my run", "it's", "$HOME", "a*b", "a\\b", "`id`"]) {
    const { stdout } = spawnSync("sh", ["-c", `printf %s ${shellWord(text)}`], { encoding: "utf8" });
    assert.equal(stdout, text);
  }
  assert.deepEqual(["runs/bde-1", "läufe"].map(shellWord), ["runs/bde-1", "läufe"]);
});
