// Weight files from strangers. Hostile ones of every known kind are read where running anything is denied and would be noticed;
// each must be refused with a specific line. Then files with random damage, as in readers.mjs.

import { spawn } from "node:child_process";
import { existsSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { faultScript } from "./fault-script.mjs";
import { watchTrials } from "./watched.fixture.mjs";
import { cases } from "./weights-cases.fixture.mjs";

await faultScript({ short: 130, full: 2100 }, async ({ count, seed, full, folder, trial, note }) => {
  const canary = join(folder, "canary");
  const kinds = await readHostile(canary);
  for (const { form, what, fault } of kinds)
    await trial(`hostile: ${form}`, () => {
      if (fault) throw new Error(`${what}: ${fault}`);
    });
  await trial("hostile: nothing was made or run", () => {
    if (existsSync(canary)) throw new Error(`${canary} exists`);
  });
  const number = (...forms) => kinds.filter(({ form }) => forms.includes(form)).length;
  const named = kinds.filter(({ form, refusal }) => form === "zip" && /the pickle names /.test(refusal)).length;
  note(`hostile pickles: ${number("zip")} kinds, each in both forms; ${named} of them refused by the name that they import`);
  note(`hostile archives: ${number("archive")} kinds; hostile safetensors: ${number("safetensors")} kinds`);

  const module = import.meta.resolve("./weights-cases.fixture.mjs");
  const { summaries } = await watchTrials({ module, names: Object.keys(cases), count, seed, folder, trial, apart: full });
  for (const [name, { results, refusals, slowest, peak }] of summaries)
    note(`${name}: ${results} read, ${refusals} refused; slowest ${slowest} ms; at most ${peak} MB`);
});

function readHostile(canary) {
  const fence = ["--experimental-permission", "--allow-fs-read=*", "--disallow-code-generation-from-strings", "--no-warnings"];
  const child = spawn(process.execPath, [...fence, fileURLToPath(import.meta.resolve("./hostile-child.fixture.mjs")), canary]);
  let [stdout, stderr] = ["", ""];
  child.stdout.setEncoding("utf8").on("data", (text) => (stdout += text));
  child.stderr.setEncoding("utf8").on("data", (text) => (stderr += text));
  return new Promise((resolve, reject) => {
    child.on("error", reject);
    child.on("close", (code, signal) => {
      if (code === 0 && stderr === "")
        resolve(
          stdout
            .trim()
            .split("\n")
            .map((line) => JSON.parse(line)),
        );
      else reject(new Error(`the reader of hostile files ended with ${signal ?? code}: ${stderr.slice(0, 1000)}`));
    });
  });
}
