// Damaged images: decoding, the size in the header and the importer's check of the file's end must agree or refuse with one clear
// line, within 10 s and 1 GB. Then valid but excessive images: decompression bombs, and the largest readable images.

import { faultScript } from "./fault-script.mjs";
import { CORPUS, cases } from "./images-cases.fixture.mjs";
import { watchTrials } from "./watched.fixture.mjs";

await faultScript({ short: 60, full: 2100 }, async ({ count, seed, full, folder, trial, note }) => {
  const module = import.meta.resolve("./images-cases.fixture.mjs");
  const names = Object.keys(cases);
  const damaged = await watchTrials({ module, names, count: CORPUS + count, seed, folder, trial, apart: full });
  for (const [name, { results, refusals, slowest, peak }] of damaged.summaries)
    note(`${name}: ${results} read, ${refusals} refused; slowest ${slowest} ms; at most ${peak} MB`);
  if (!full) return;
  const large = import.meta.resolve("./images-large.fixture.mjs");
  const options = { module: large, names: Object.keys((await import(large)).cases), count: 1, seed, folder, trial, apart: true };
  for (const [name, { slowest, peak }] of (await watchTrials(options)).summaries)
    note(`${name}: read or refused as it should be in ${slowest} ms; at most ${peak} MB`);
});
