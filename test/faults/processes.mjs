// SIGKILL or SIGSTOP to one of the two processes of a training at random moments: all must end, with one line that names it and exit
// code 1, in the full form within 30 seconds; `train --resume` must then come to the same bytes as an undisturbed run.

import { existsSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { join } from "node:path";
import { distributedMissing } from "@sparsecell/torch";
import { faultScript, randomNumbers } from "./fault-script.mjs";
import { outcome, preparedRun, requireSame, sleep, start, succeed, tinyDataset } from "./training.fixture.mjs";

const settings = { steps: 10, batch: 2, checkpointEvery: 2, processes: 2, threads: 1 };
const MOST_SECONDS = 30;

const missing = distributedMissing() ?? (existsSync("/proc/self/task") ? null : "this system does not list a process's children");
if (missing) {
  console.log(`not tried: ${missing}`);
  process.exit(0);
}

await faultScript({ short: 2, full: 20 }, async ({ count, seed, full, folder, trial, note }) => {
  const random = randomNumbers(seed);
  const dataset = await tinyDataset(folder);
  const straight = preparedRun(join(folder, "straight"), dataset, settings);
  const begun = performance.now();
  await succeed(["train", "--resume", straight.dir]);
  const seconds = (performance.now() - begun) / 1000;
  const expected = outcome(straight);
  let longest = 0;

  for (let i = 0; i < count; i++) {
    const signal = full && i % 2 === 1 ? "SIGSTOP" : "SIGKILL"; // a stopped one is waited for
    await trial(`${signal} of one of two processes, and resume: one line with its name, the same bytes`, async () => {
      for (let attempt = 0; ; attempt++) {
        const run = preparedRun(join(folder, `run${i}-${attempt}`), dataset, settings);
        const hit = await disturb(run, { signal, rank: random() < 0.5 ? 0 : 1, after: random() * seconds });
        if (hit) {
          longest = Math.max(longest, hit.seconds);
          if (full && hit.seconds > MOST_SECONDS) throw new Error(`${hit.seconds.toFixed(1)} s until all had ended`);
          if (!existsSync(join(run.dir, "evaluation.json"))) await succeed(["train", "--resume", run.dir]);
          const left = readdirSync(run.dir).filter((name) => name.startsWith(".") || name === "lock");
          if (left.length > 0) throw new Error(`${run.dir}: left ${left.join(", ")}`);
          requireSame(outcome(run), expected, run.dir);
        }
        rmSync(run.dir, { recursive: true });
        if (hit) return;
      }
    });
  }
  note(`a training of ${settings.steps} steps in ${seconds.toFixed(1)} s; all had ended within ${longest.toFixed(1)} s`);
});

/** Null where the training, or that process, had ended before. */
async function disturb(run, { signal, rank, after }) {
  const { child, ended } = start(["train", "--resume", run.dir]);
  await Promise.race([ended, sleep(after)]);
  const pid = processesOf(child.pid).get(rank);
  if (pid === undefined) {
    await ended;
    return null;
  }
  const sent = performance.now();
  process.kill(pid, signal);
  const pids = [...processesOf(child.pid).values()];
  const { status, lines, at } = await ended;
  if (status === 0 && existsSync(join(run.dir, "evaluation.json"))) return null; // it had done its part
  const named = lines.filter((line) => line.startsWith("sparsecell: "));
  if (status !== 1 || named.length !== 1 || !named[0].startsWith(`sparsecell: process ${rank} of 2 `))
    throw new Error(`${signal} of process ${rank}: ended with ${status} and: ${lines.join(" | ") || "nothing"}`);
  const alive = pids.filter((each) => existsSync(`/proc/${each}`) && !/^State:\s+Z/m.test(textOf(`/proc/${each}/status`)));
  if (alive.length > 0) throw new Error(`still there: ${alive.join(", ")}`);
  return { seconds: (at - sent) / 1000 };
}

/** Process ids of a launcher's processes, by rank. */
function processesOf(pid) {
  const children = textOf(`/proc/${pid}/task/${pid}/children`).trim().split(" ").filter(Boolean);
  return new Map(
    children.flatMap((child) => {
      const rank = /(?:^|\0)RANK=(\d+)\0/.exec(textOf(`/proc/${child}/environ`));
      return rank ? [[Number(rank[1]), Number(child)]] : [];
    }),
  );
}

function textOf(file) {
  try {
    return readFileSync(file, "latin1");
  } catch {
    return ""; // it has ended
  }
}
