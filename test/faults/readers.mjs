// Damaged annotations for every reader: each gives a complete dataset or one clear line, within 10 s and 1 GB, and writes nothing
// outside its output folder.

import { faultScript } from "./fault-script.mjs";
import { CORPUS, cases } from "./readers-cases.fixture.mjs";
import { watchTrials } from "./watched.fixture.mjs";

await faultScript({ short: 12, full: 2000 }, async ({ count, seed, full, folder, trial, note }) => {
  const module = import.meta.resolve("./readers-cases.fixture.mjs");
  const { summaries, restarts } = await watchTrials({
    module,
    names: Object.keys(cases),
    count: CORPUS + count,
    seed,
    folder,
    trial,
    apart: full,
  });
  let [results, refusals] = [0, 0];
  for (const [name, { results: read, refusals: refused, slowest, peak }] of summaries) {
    note(`${name}: ${read} read, ${refused} refused; slowest ${slowest} ms; at most ${peak} MB`);
    [results, refusals] = [results + read, refusals + refused];
  }
  note(
    `in all ${results + refusals} damaged inputs: ${results} read, ${refusals} refused; ${restarts} new processes were needed`,
  );
});
