// Measures what `train --processes` brings: images a second of two processes of one thread beside one process of one thread, in
// turns, and how far the losses of 1, 2 and 4 processes are apart.
//
//   node benchmarks/processes.mjs [--rounds 3] [--steps 10] [--size 512]
//   node benchmarks/processes.mjs --losses [--steps 20] [--lr 0.001]
//
// ResNet-18 on drawn tissue, batch 2 (with --losses 4 images of 64 × 64). Steps are timed without the first three. Takes minutes.
// Other work on the machine slows two processes more than one, because each waits for the other; so there is also what the busiest
// process spends of a processor on a step, from which follows the ratio of a machine with nothing else to do, waits left out.

import { existsSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { loadavg, tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { synthesizeDataset } from "../dist/data/synthetic/synthetic.js";
import { preparedRun, sleep, start, succeed, tinyDataset } from "../test/faults/training.fixture.mjs";

const { values } = parseArgs({
  options: {
    rounds: { type: "string", default: "3" },
    steps: { type: "string" },
    size: { type: "string", default: "512" },
    lr: { type: "string", default: "0.001" },
    losses: { type: "boolean", default: false },
  },
});

const SKIPPED = 3; // steps

const folder = mkdtempSync(join(tmpdir(), "processes-benchmark-"));
try {
  await (values.losses ? losses() : speed());
} finally {
  rmSync(folder, { recursive: true, force: true });
}

async function trained(dataset, name, settings) {
  const run = preparedRun(join(folder, name), dataset, { threads: 1, checkpointEvery: 1000, ...settings });
  await succeed(["train", "--resume", run.dir]);
  return run;
}

async function speed() {
  const side = Number(values.size);
  const dataset = await synthesizeDataset({
    kind: "ki67",
    images: 4,
    width: side,
    height: side,
    seed: 1,
    dir: join(folder, "data"),
  });
  const { detector } = preparedRun(join(folder, "settings"), dataset).record().config;
  const settings = {
    batch: 2,
    steps: Number(values.steps ?? 10),
    detector: {
      ...detector,
      input: { kind: "stretch", size: side },
      roi: { ...detector.roi, batchSizePerImage: 512, representationSize: 1024 },
    },
  };
  const [ratios, ideals] = [[], []];
  for (let round = 0; round < Number(values.rounds); round++) {
    const [rates, spent] = [[], []];
    for (const processes of [1, 2]) {
      const run = preparedRun(join(folder, `${round}-${processes}`), dataset, {
        threads: 1,
        checkpointEvery: 1000,
        ...settings,
        processes,
      });
      spent.push(await processorSeconds(run, processes, settings.steps));
      const seconds = run
        .stepTimes()
        .slice(SKIPPED)
        .map((step) => step.seconds);
      rates.push(settings.batch / median(seconds));
    }
    ratios.push(rates[1] / rates[0]);
    ideals.push(spent[0] / spent[1]);
    const of = ([one, two], digits) => `1 process ${one.toFixed(digits)}, 2 processes ${two.toFixed(digits)}`;
    console.log(
      `round ${round + 1}: images/s ${of(rates, 3)}, ratio ${ratios[round].toFixed(2)}; processor seconds a step ${of(spent, 2)}, ratio ${ideals[round].toFixed(2)}; load ${loadavg()[0].toFixed(1)}`,
    );
  }
  console.log(
    `median of ${ratios.length}: images/s ${median(ratios).toFixed(2)}, processor seconds ${median(ideals).toFixed(2)}`,
  );
}

/** What the busiest process spends of a processor on a step, without the first steps. */
async function processorSeconds(run, processes, steps) {
  const { child, ended } = start(["train", "--resume", run.dir]);
  const log = join(run.dir, "log.jsonl");
  const done = () => (existsSync(log) ? readFileSync(log, "utf8").split("\n").length - 1 : 0);
  let isOver = false;
  void ended.then(() => (isOver = true));
  const reached = async (step) => {
    while (done() < step && !isOver) await sleep(0.01);
    return { step: done(), spent: ranksOf(child.pid, processes).map(spentBy) };
  };
  const from = await reached(SKIPPED);
  const to = await reached(steps - 1);
  const { status, stderr } = await ended;
  if (status !== 0) throw new Error(stderr);
  return Math.max(...to.spent.map((spent, i) => spent - from.spent[i])) / (to.step - from.step);
}

function ranksOf(pid, processes) {
  if (processes === 1) return [pid];
  return readFileSync(`/proc/${pid}/task/${pid}/children`, "utf8").trim().split(" ");
}

/** User and system time of a process, in ticks of 10 ms. */
function spentBy(pid) {
  const stat = readFileSync(`/proc/${pid}/stat`, "utf8");
  const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
  return (Number(fields[11]) + Number(fields[12])) / 100;
}

async function losses() {
  const dataset = await tinyDataset(folder);
  const settings = { steps: Number(values.steps ?? 20), batch: 4, lr: Number(values.lr) };
  const runs = new Map();
  for (const [name, processes] of [
    ["one", 1],
    ["two", 2],
    ["two again", 2],
    ["four", 4],
  ])
    runs.set(name, await trained(dataset, name.replace(" ", "-"), { ...settings, processes }));
  const one = runs.get("one").log();
  for (const name of ["two", "four"]) {
    const apart = runs
      .get(name)
      .log()
      .map(({ parts }, i) =>
        Math.max(
          ...Object.entries(parts).map(([part, value]) => Math.abs(value - one[i].parts[part]) / Math.max(1, one[i].parts[part])),
        ),
      );
    const within = apart.filter((value) => value <= 1e-5).length;
    console.log(
      `${name}: ${within} of ${apart.length} steps within 1e-5 of one process, median ${median(apart).toExponential(1)}, most ${Math.max(...apart).toExponential(1)}`,
    );
  }
  const bytes = (name) => readFileSync(runs.get(name).modelFile);
  console.log(`two processes, twice: ${bytes("two").equals(bytes("two again")) ? "the same" : "other"} bytes of the model`);
}

function median(numbers) {
  return [...numbers].sort((a, b) => a - b)[numbers.length >> 1];
}
