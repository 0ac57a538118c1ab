// Coverage-guided fuzzing of the readers of weight files, and the same without guidance, from the same seed. Every execution must
// end in tensors or in one clear error.

import { cases, PER_TRIAL } from "./coverage-cases.fixture.mjs";
import { faultScript } from "./fault-script.mjs";
import { watchTrials } from "./watched.fixture.mjs";

await faultScript({ short: 8000, full: 400_000 }, async ({ count, seed, folder, trial, note }) => {
  const module = import.meta.resolve("./coverage-cases.fixture.mjs");
  const names = Object.keys(cases);
  const trials = Math.ceil(count / names.length / PER_TRIAL);
  const { summaries } = await watchTrials({ module, names, count: trials, seed, folder, trial });
  for (const [name, { last, slowest, peak }] of summaries)
    note(
      `${name}: ${last.executions} executions guided and as many not; ${last.guided} blocks reached by the guided ones (corpus of ${last.corpus} inputs), ${last.unguided} by the others; slowest ${PER_TRIAL} executions ${slowest} ms; at most ${peak} MB`,
    );
});
