// Runs every fault script of this folder in its short form.

import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { readdirSync } from "node:fs";
import { test } from "node:test";
import { fileURLToPath } from "node:url";

const folder = fileURLToPath(new URL(".", import.meta.url));
const others = new Set(["fault-script.mjs", "faults.test.mjs"]);
const scripts = readdirSync(folder).filter((name) => name.endsWith(".mjs") && !name.includes(".fixture.") && !others.has(name));

for (const script of scripts)
  test(`faults: ${script.replace(".mjs", "")}`, async (t) => {
    const { code, output } = await run(folder + script);
    for (const line of output.trim().split("\n")) t.diagnostic(line);
    assert.equal(code, 0, output);
  });

function run(script) {
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, [script], { stdio: ["ignore", "pipe", "pipe"] });
    let output = "";
    for (const stream of [child.stdout, child.stderr])
      stream.setEncoding("utf8").on("data", (text) => {
        output += text;
      });
    child.on("error", reject).on("close", (code) => resolve({ code, output }));
  });
}
