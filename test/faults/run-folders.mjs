// Damaged run folders and grids, read as by `train --resume`, `compare` and `report`: each gives the right result or one clear
// line, within 10 s and 1 GB.

import { join } from "node:path";
import { faultScript } from "./fault-script.mjs";
import { watchTrials } from "./watched.fixture.mjs";

await faultScript({ short: 60, full: 2000 }, async ({ count, seed, full, folder, trial, note }) => {
  const module = import.meta.resolve("./run-folders-cases.fixture.mjs");
  for (const [name, trials] of [
    ["run", count],
    ["grid", full ? count : Math.ceil(count / 5)], // each trial writes a whole report
  ]) {
    const { summaries } = await watchTrials({ module, names: [name], count: trials, seed, folder: join(folder, name), trial });
    const { results, refusals, slowest, peak } = summaries.get(name);
    note(`${name}: ${results} read, ${refusals} refused; slowest ${slowest} ms; at most ${peak} MB`);
  }
});
