// kill -9 at random moments of a training, each followed by `train --resume`: the run must finish with the same bytes in its
// model, log, detections and evaluation as an undisturbed run. Every fourth trial is killed again while it resumes.

import { existsSync, readdirSync, rmSync } from "node:fs";
import { join } from "node:path";
import { faultScript, randomNumbers } from "./fault-script.mjs";
import { outcome, preparedRun, requireSame, sleep, start, succeed, tinyDataset } from "./training.fixture.mjs";

const settings = { steps: 10, checkpointEvery: 2 };

await faultScript({ short: 2, full: 50 }, async ({ count, seed, folder, trial, note }) => {
  const random = randomNumbers(seed);
  const dataset = await tinyDataset(folder);
  const straight = preparedRun(join(folder, "straight"), dataset, settings);
  const begun = performance.now();
  await succeed(["train", "--resume", straight.dir]);
  const seconds = (performance.now() - begun) / 1000;
  const expected = outcome(straight);
  const moments = new Map();
  let lost = 0;

  for (let i = 0; i < count; i++) {
    await trial("kill -9 and resume: same model, log, detections, evaluation", async () => {
      let run;
      for (let killed = false, attempt = 0; !killed; attempt++) {
        run = preparedRun(join(folder, `run${i}-${attempt}`), dataset, { ...settings, keepCheckpoints: 1 + (i % 2) });
        killed = await killAt(run, random() * seconds);
        if (!killed) rmSync(run.dir, { recursive: true }); // it finished before the kill
      }
      const moment = momentOf(run);
      moments.set(moment, (moments.get(moment) ?? 0) + 1);
      if (i % 4 === 3) await killAt(run, random() * seconds);
      lost += run.log().length;
      if (existsSync(join(run.dir, "evaluation.json")))
        lost -= settings.steps; // killed after the last step
      else {
        const { stderr } = await succeed(["train", "--resume", run.dir]);
        lost -= Number(/^bde +(\d+)\/\d+ /m.exec(stderr)?.[1] ?? settings.steps + 1) - 1;
        const left = readdirSync(run.dir).filter((name) => name.startsWith(".") || name === "lock");
        if (left.length > 0) throw new Error(`${run.dir}: left ${left.join(", ")}`);
      }
      requireSame(outcome(run), expected, run.dir);
      rmSync(run.dir, { recursive: true });
    });
  }
  note(`a training of ${settings.steps} steps in ${seconds.toFixed(1)} s, a checkpoint every ${settings.checkpointEvery}`);
  note(`killed: ${[...moments].map(([moment, times]) => `${times} ${moment}`).join(", ")}`);
  note(`steps that had to be done again: ${lost}`);
});

/** Starts or resumes the run and kills it after some seconds; false if it ended by itself. */
async function killAt(run, seconds) {
  const { child, ended } = start(["train", "--resume", run.dir]);
  await Promise.race([ended, sleep(seconds)]);
  child.kill("SIGKILL");
  const { status, signal, stderr } = await ended;
  if (signal !== "SIGKILL" && status !== 0) throw new Error(`before it was killed: ${stderr.trim()}`);
  return signal === "SIGKILL";
}

function momentOf(run) {
  const names = readdirSync(run.dir);
  if (names.some((name) => /^\.checkpoint.*tmp$/.test(name))) return "inside a checkpoint write";
  if (names.some((name) => /^\.model.*tmp$/.test(name))) return "inside the model's write";
  if (names.includes("model.safetensors")) return "during the evaluation";
  if (!names.includes("log.jsonl")) return "before the first step";
  return names.includes("checkpoint.safetensors") ? "between checkpoints" : "before the first checkpoint";
}
