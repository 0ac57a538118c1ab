// The same seed twice, in one process, in two, and resumed with another number of threads in the environment: the same bytes. With
// other threads in the run, only a note. Of two processes that train into one folder, one trains; the other refuses and changes
// nothing.

import { existsSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { join } from "node:path";
import { readDataset } from "../../dist/data/dataset-folder.js";
import { trainingMethods as methods } from "../../dist/procedures/index.js";
import { runTraining } from "../../dist/train/run.js";
import { faultScript, randomNumbers } from "./fault-script.mjs";
import { fail, outcome, preparedRun, requireSame, sleep, start, succeed, tinyDataset } from "./training.fixture.mjs";

const settings = { steps: 4 };
const quiet = { onStep: () => {}, onNote: () => {}, shouldStop: () => false };

/** The model and log of a run, written by runTraining. */
const model = (run) => `${outcome(run).split("\n", 2)}, ${readFileSync(join(run.dir, "log.jsonl")).length} bytes of log`;

await faultScript({ short: 1, full: 10 }, async ({ count, seed, full, folder, trial, note }) => {
  const random = randomNumbers(seed);
  const dataset = readDataset((await tinyDataset(folder)).dir); // with rounded coordinates
  const run = (name, change) => preparedRun(join(folder, name), dataset, { ...settings, ...change });
  const inProcess = async (each) => {
    await runTraining({ dataset, run: each, config: each.record().config, ...quiet });
    return model(each);
  };
  const names = full ? methods.map(({ id }) => id) : ["bde"];
  for (const method of names)
    await trial("same seed: same model and log, twice in one process and once in another", async () => {
      const runs = [0, 1, 2].map((i) => run(`${method}${i}`, { method }));
      const first = await inProcess(runs[0]);
      requireSame(await inProcess(runs[1]), first, `${method} again`);
      await succeed(["train", "--resume", runs[2].dir]);
      requireSame(model(runs[2]), first, `${method} in another process`);
      for (const { dir } of runs) rmSync(dir, { recursive: true });
    });

  const threads = [];
  for (const number of full ? [1, 2] : []) {
    const [one, other] = [run(`threads${number}`, { threads: number }), run(`threads${number}-again`, { threads: number })];
    await trial("the run's threads count, not the environment's: same model and log", async () => {
      await succeed(["train", "--resume", one.dir], { env: { OMP_NUM_THREADS: "1" } });
      await succeed(["train", "--resume", other.dir], { env: { OMP_NUM_THREADS: "2" } });
      requireSame(model(other), model(one), `${number} threads`);
    });
    threads.push(model(one));
  }
  if (full) note(`with 1 and 2 threads, models and logs are ${threads[0] === threads[1] ? "equal" : "different"}`);

  for (let i = 0; i < count; i++) {
    await trial("of two trainings that begin in one folder at the same time, one trains", async () => {
      const dir = join(folder, `both${i}`);
      const args = ["train", dataset.dir, "--backbone", "resnet18", "--input-size", "64", "--steps", "3", "--out", dir];
      const both = [start(args, { env: { OMP_NUM_THREADS: "1" } }), start(args)];
      const ends = await Promise.all(both.map(({ ended }) => ended));
      const [trained, refused] = ends.toSorted((a, b) => a.status - b.status);
      if (trained.status !== 0 || refused.status !== 1) throw new Error(ends.map(({ stderr }) => stderr.trim()).join("; "));
      if (
        !/: `sparsecell train .*` is at work in it \(process \d+\); wait until it ends, or stop it: kill \d+$/.test(
          refused.lines.join("\n"),
        )
      )
        throw new Error(refused.stderr.trim());
      requireSame(`${readdirSync(dir).filter((name) => /lock|tmp/.test(name))}`, "", "left over");
      rmSync(dir, { recursive: true });
    });
    if (!full) continue;
    await trial("a training and its --resume in one folder: refused until it is killed", async () => {
      const busy = run(`busy${i}`, { steps: 1000 });
      const running = start(["train", "--resume", busy.dir]);
      while (!existsSync(join(busy.dir, "log.jsonl")) && running.child.exitCode === null) await sleep(0.02);
      const line = await fail(["train", "--resume", busy.dir]);
      if (!line.includes(`is at work in it (process ${running.child.pid})`)) throw new Error(line);
      running.child.kill("SIGKILL");
      await running.ended;
      const again = start(["train", "--resume", busy.dir]);
      await sleep(0.5 + random());
      again.child.kill("SIGTERM");
      const { status, stderr } = await again.ended;
      if (status !== 143 || !stderr.includes("resume with: ")) throw new Error(`${status}: ${stderr.trim()}`);
      rmSync(busy.dir, { recursive: true });
    });
  }
});
