// What a card does: builds the addon, runs the checks of a card, times training and detection beside torchvision, and trains the
// paper's protocol (ResNet-50, 800 × 800 pixels, 10,000 steps; FPN, BDE, completeness; 10 % and 100 % of the annotations). Each
// part ends within --minutes and the next call goes on; gpu-check.json and gpu-check.md in --out are the rows for
// docs/background/performance.md and docs/results.md, with the card's name.
//
//   npm run gpu-check                          on a machine with a card and python3's PyTorch
//   npm run gpu-check -- --rehearse            everything small, on the processor
//   npm run gpu-check -- --carry check.tar.xz  an archive for a machine without a network: tar xJf check.tar.xz && ./gpu-check/run
//
//   --minutes 8    the longest that one part may take, and --total 60 all of this call
//   --out DIR      where results, grid and checkpoints lie (default gpu-check-results)
//   --data DIR, --weights FILE   a dataset and first weights (default: drawn tissue, random weights)
//   --jobs 1       trainings at a time
// Exit codes: 0 everything is measured; 75 there is more to do, call again; 1 something is wrong.

import { parseArgs } from "node:util";
import { carry } from "./gpu-check/carry.mjs";
import { bench, build, cardChecks, facts, protocol } from "./gpu-check/parts.mjs";
import { Results } from "./gpu-check/results.mjs";

const MORE = 75;

const { values } = parseArgs({
  options: {
    rehearse: { type: "boolean", default: false },
    carry: { type: "string" },
    minutes: { type: "string", default: "8" },
    total: { type: "string", default: "60" },
    jobs: { type: "string", default: "1" },
    out: { type: "string", default: "gpu-check-results" },
    data: { type: "string" },
    weights: { type: "string" },
    python: { type: "string", default: "python3" },
  },
});

async function main() {
  if (values.carry) return carry(values.carry);
  if (values.rehearse) process.env.OMP_NUM_THREADS ??= "1"; // on images this small a second thread only waits
  const begun = performance.now();
  const left = () => 60 * Number(values.total) - (performance.now() - begun) / 1000;
  const seconds = () => Math.min(60 * Number(values.minutes), left());
  const options = { ...values, device: values.rehearse ? "cpu" : "cuda", jobs: Number(values.jobs), seconds };
  build(options);
  const results = new Results(values.out, await facts(options));
  for (const [name, part] of Object.entries({ checks: cardChecks, bench, protocol })) {
    while (!results.has(name)) {
      if (left() < 10) return more(name);
      process.stderr.write(`gpu-check: ${name}, at most ${Math.round(seconds())} s\n`);
      const result = await part(options, results.earlier(name));
      if (result.done) results.set(name, result.value);
      else if (result.value) results.partial(name, result.value);
    }
  }
  process.stdout.write(results.markdown());
}

function more(name) {
  process.stderr.write(`gpu-check: the time is used up during ${name}; the same command goes on from there\n`);
  process.exitCode = MORE;
}

try {
  await main();
} catch (error) {
  process.stderr.write(`gpu-check: ${error.message}\n`);
  process.exitCode = 1;
}
