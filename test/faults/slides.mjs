// Damaged slides for every reader: headers, offsets, loops, huge sizes, tiles cut off. Each gives pixels, with bad tiles named, or
// one clear line, within 10 s and 1 GB. OpenSlide is tried where it is installed. SLIDE=FILE:FILE adds slides; a trial depends on its
// seed and number alone, so that --from N goes on from the N-th of each.

import { faultScript } from "./fault-script.mjs";
import { CORPUS, cases } from "./slides-cases.fixture.mjs";
import { watchTrials } from "./watched.fixture.mjs";

await faultScript({ short: 150, full: 2000 }, async ({ count, from, seed, full, folder, trial, note }) => {
  const module = import.meta.resolve("./slides-cases.fixture.mjs");
  const names = Object.keys(cases);
  const { summaries } = await watchTrials({ module, names, count: CORPUS + count, from, seed, folder, trial, apart: full });
  for (const [name, { results, refusals, slowest, peak }] of summaries)
    note(`${name}: ${results} read, ${refusals} refused; slowest ${slowest} ms; at most ${peak} MB`);
  if (!names.some((name) => name.includes("OpenSlide"))) note("OpenSlide is not installed: not tried");
});
