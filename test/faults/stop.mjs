// SIGINT, SIGTERM and SIGUSR1 during start-up, training and final evaluation: the process ends within 10 s with exit code 128 +
// the signal's number and the command to resume; that command finishes with the bytes of an undisturbed run. A second signal ends
// a training at once.

import { existsSync, readdirSync, rmSync } from "node:fs";
import { constants } from "node:os";
import { join } from "node:path";
import { faultScript, randomNumbers } from "./fault-script.mjs";
import { outcome, preparedRun, requireSame, sleep, start, succeed, tinyDataset } from "./training.fixture.mjs";

const settings = { steps: 6 };
const signals = ["SIGINT", "SIGTERM", "SIGUSR1"];
const moments = ["start-up", "training", "evaluation"];
const SECONDS = 10;

await faultScript({ short: 3, full: 45 }, async ({ count, seed, folder, trial, note }) => {
  const random = randomNumbers(seed);
  const dataset = await tinyDataset(folder);
  const straight = preparedRun(join(folder, "straight"), dataset, settings);
  await succeed(["train", "--resume", straight.dir]);
  const expected = outcome(straight);
  const waits = [];

  for (let i = 0; i < count; i++) {
    const signal = signals[i % 3];
    const moment = moments[(i + Math.floor(i / 3)) % 3];
    await trial(`${signal} during ${moment}, and the command that it prints`, async () => {
      const run = preparedRun(join(folder, `run ${i}`), dataset, settings); // a name that must be quoted for a shell
      const running = start(["train", "--resume", run.dir]);
      await reached(running, moment, { run, random });
      const sent = performance.now();
      running.child.kill(signal);
      const { status, stderr, at } = await running.ended;
      waits.push((at - sent) / 1000);
      requireSame(status, 128 + constants.signals[signal], `exit code of ${stderr.trim()}`);
      if (waits.at(-1) > SECONDS) throw new Error(`it took ${waits.at(-1).toFixed(1)} s`);
      const command = /; resume with: npx sparsecell train --resume '(.*)'\n$/.exec(stderr)?.[1];
      if (!command) throw new Error(`no command to resume with: ${stderr.trim()}`);
      await succeed(["train", "--resume", command]);
      requireSame(outcome(run), expected, run.dir);
      const left = readdirSync(run.dir).filter((name) => name.startsWith(".") || name === "lock");
      if (left.length > 0) throw new Error(`left ${left.join(", ")}`);
      rmSync(run.dir, { recursive: true });
    });
  }
  note(`from the signal to the end: ${median(waits).toFixed(2)} s (median), ${Math.max(...waits).toFixed(2)} s at most`);

  const twice = [];
  for (let i = 0; i < Math.floor(count / 9); i++)
    await trial("a second signal during a long step: the end of that step at the latest", async () => {
      const run = preparedRun(join(folder, `twice${i}`), dataset, { ...settings, batch: 32 });
      const running = start(["train", "--resume", run.dir]);
      await reached(running, "training", { run, random });
      const sent = performance.now();
      running.child.kill("SIGTERM");
      await sleep(0.3); // longer than an echo of the first one
      running.child.kill("SIGINT");
      const { status, stderr, at } = await running.ended;
      twice.push((at - sent) / 1000);
      if (![130, 143].includes(status) || twice.at(-1) > SECONDS)
        throw new Error(`ended with ${status} after ${twice.at(-1)} s: ${stderr.trim()}`);
      rmSync(run.dir, { recursive: true });
    });
  if (twice.length > 0) note(`from the first of two signals to the end: ${Math.max(...twice).toFixed(2)} s at most`);
});

/** Waits for a random time within `moment`. */
async function reached(running, moment, { run, random }) {
  const until = async (condition) => {
    while (!condition()) {
      if (running.child.exitCode !== null) throw new Error(`it ended before its ${moment}: ${running.stderr.trim()}`);
      await sleep(0.005);
    }
  };
  if (moment === "start-up") await until(() => existsSync(join(run.dir, "lock")) || running.stderr !== "");
  if (moment === "training") await until(() => /^bde +\d+\/\d+ .* loss/m.test(running.stderr));
  if (moment === "evaluation") await until(() => run.isFinished);
  else await sleep(random() * 0.3);
}

function median(values) {
  return values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)];
}
