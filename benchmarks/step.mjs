// A training step of ours and of torchvision side by side, in turns, in processes of their own, on the same threads and BLAS.
//
//   node benchmarks/step.mjs [--size 800] [--batch 1] [--steps 5] [--rounds 3] [--dtype float32] [--python /usr/bin/python3]
//
// Needs python3-torchvision for the comparison (Debian: apt install python3-torchvision); says so and goes on without.
// Takes about 3 minutes with the defaults on 2 cores. Prints the medians, the ratio of each round, and peak memory.

import { execFileSync } from "node:child_process";
import { availableParallelism } from "node:os";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";

const { values } = parseArgs({
  options: {
    size: { type: "string", default: "800" },
    batch: { type: "string", default: "1" },
    steps: { type: "string", default: "5" },
    rounds: { type: "string", default: "3" },
    dtype: { type: "string", default: "float32" },
    python: { type: "string", default: "/usr/bin/python3" },
  },
});
const here = (name) => fileURLToPath(new URL(name, import.meta.url));
const threads = String(availableParallelism());
const same = ["--size", values.size, "--batch", values.batch, "--steps", values.steps, "--threads", threads];
const run = (file, args) => JSON.parse(execFileSync(file, args, { encoding: "utf8", stdio: ["ignore", "pipe", "ignore"] }));
const ours = (method) =>
  run(process.execPath, [
    here("../bin/sparsecell.js"),
    "bench",
    "step",
    ...same,
    "--dtype",
    values.dtype,
    "--method",
    method,
    "--json",
  ]);

function theirs() {
  try {
    return run(values.python, [here("torchvision_step.py"), ...same]);
  } catch {
    return null;
  }
}

const rounds = [];
for (let round = 0; round < Number(values.rounds); round++) {
  const fpn = ours("fpn");
  const torchvision = theirs();
  const bde = ours("bde");
  rounds.push({ fpn, bde, torchvision });
  const ratio = torchvision
    ? `, torchvision ${torchvision.secondsPerStep.toFixed(3)} s: ratio ${(fpn.secondsPerStep / torchvision.secondsPerStep).toFixed(3)}`
    : ", torchvision is not installed";
  console.log(`round ${round + 1}: fpn ${fpn.secondsPerStep.toFixed(3)} s, bde ${bde.secondsPerStep.toFixed(3)} s${ratio}`);
}
const median = (list) => [...list].sort((a, b) => a - b)[list.length >> 1];
const of = (name) => median(rounds.map((round) => round[name].secondsPerStep));
console.log(
  `ours: ${of("fpn").toFixed(3)} s, peak ${median(rounds.map(({ fpn }) => fpn.peakMiB))} MiB (${values.dtype}, ${threads} threads, libtorch ${rounds[0].fpn.libtorch})`,
);
console.log(`BDE / FPN: ${(of("bde") / of("fpn")).toFixed(3)}`);
if (rounds[0].torchvision) {
  console.log(
    `torchvision: ${of("torchvision").toFixed(3)} s, peak ${median(rounds.map(({ torchvision }) => torchvision.peakMiB))} MiB (float32, torch ${rounds[0].torchvision.torch}, torchvision ${rounds[0].torchvision.torchvision})`,
  );
  console.log(`ours / torchvision: ${(of("fpn") / of("torchvision")).toFixed(3)}`);
}
