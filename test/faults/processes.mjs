// SIGKILL or SIGSTOP to one of the two processes of a training at random moments: all must end, with one line that names it and exit
// code 1, in the full form within 30 seconds; `train --resume` must then come to the same bytes as an undisturbed run. The same to one
// of two that do nothing but add up gradients: the other must name it.

import { spawn } from "node:child_process";
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { distributedMissing } from "@sparsecell/torch";
import { faultScript, randomNumbers } from "./fault-script.mjs";
import { outcome, preparedRun, requireSame, sleep, start, succeed, tinyDataset } from "./training.fixture.mjs";

const settings = { steps: 10, batch: 2, checkpointEvery: 2, processes: 2, threads: 1 };
const MOST_SECONDS = 30;
const summing = fileURLToPath(new URL("../../dist/train/processes.fixture.js", import.meta.url));

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
    await trial(`${signal} in the middle of a sum: one line with its name`, async () => {
      const dir = join(folder, `sum${i}`);
      mkdirSync(dir);
      const seconds = await disturbSum(dir, { signal, rank: random() < 0.5 ? 0 : 1, after: random() / 5 });
      longest = Math.max(longest, seconds);
      if (full && seconds > MOST_SECONDS) throw new Error(`${seconds.toFixed(1)} s until the other had ended`);
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

/** Seconds from the signal, `after` seconds of sums, until the other process has ended. */
async function disturbSum(dir, { signal, rank, after }) {
  const variables = { WORLD_SIZE: "2", SPARSECELL_STORE: `${dir}.store` };
  const children = [0, 1].map((each) =>
    spawn(process.execPath, [summing, dir, "summing"], { env: { ...process.env, ...variables, RANK: String(each) } }),
  );
  const ended = children.map((child) => new Promise((resolve) => child.on("close", resolve)));
  const other = children[1 - rank];
  let said = "";
  other.stdout.setEncoding("utf8").on("data", (text) => (said += text));
  try {
    await Promise.race([
      ...ended,
      Promise.all(children.map((child) => new Promise((resolve) => child.stderr.once("data", resolve)))),
    ]);
    await sleep(after);
    const sent = performance.now();
    children[rank].kill(signal);
    await ended[1 - rank];
    const what = { SIGKILL: "has ended", SIGSTOP: "is stopped" }[signal];
    if (other.exitCode !== 1 || said !== `${JSON.stringify({ error: `process ${rank} of 2 ${what}` })}\n`)
      throw new Error(`${signal} of process ${rank}: ended with ${other.exitCode} and: ${said || "nothing"}`);
    return (performance.now() - sent) / 1000;
  } finally {
    for (const child of children) child.kill("SIGKILL");
    await Promise.all(ended);
  }
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
