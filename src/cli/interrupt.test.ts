// Ctrl-C, SIGTERM and kill -9 in the middle of a training: it goes on as if nothing had happened.

import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, test } from "node:test";
import type { Dataset } from "../data/dataset.ts";
import { filesOf } from "../runs/run-files.fixture.ts";
import { RunFolder, type RunRecord } from "../runs/run-folder.ts";
import type { TrainConfig } from "../settings/training.ts";
import { tinyConfig, tinyDataset } from "../train/run.fixture.ts";
import { editJson, signalAfterStep, start, succeed } from "./cli.fixture.ts";

const root = mkdtempSync(join(tmpdir(), "cli-interrupt-"));
after(() => rmSync(root, { recursive: true }));

let dataset: Dataset;
/** A run that is about to begin. */
function prepared(name: string, change: Partial<TrainConfig> = {}): RunFolder {
  const run = new RunFolder(join(root, name));
  run.create({ config: tinyConfig(dataset, { steps: 10, ...change }), versions: {}, started: "" });
  return run;
}
/** What must not depend on interruptions. */
const outcome = (run: RunFolder) => ({
  model: createHash("sha256").update(readFileSync(run.modelFile)).digest("hex"),
  log: readFileSync(join(run.dir, "log.jsonl"), "utf8"),
});

let straight: RunFolder;
before(async () => {
  dataset = await tinyDataset(root);
  straight = prepared("straight");
  succeed(root, "train", "--resume", "straight");
});

for (const [signal, code] of [
  ["SIGINT", 130],
  ["SIGTERM", 143],
] as const)
  test(`${signal} leaves a checkpoint and says how to go on; going on gives the same losses and the same model`, async () => {
    const run = prepared(signal);
    const stopped = await start(root, ["train", "--resume", signal], signalAfterStep(signal)).finished;
    assert.deepEqual([stopped.status, stopped.stdout], [code, ""], stopped.stderr);
    const done = run.log().length;
    assert.ok(done >= 1 && done < 10);
    assert.deepEqual(stopped.lines, [
      "stopping after the current step; repeat to stop at once",
      `stopped after step ${done} of 10; resume with: npx sparsecell train --resume ${signal}`,
    ]);
    assert.deepEqual(filesOf(run.dir), ["checkpoint.safetensors", "config.json", "log.jsonl", "timings.jsonl"]);

    const { stderr } = succeed(root, "train", "--resume", signal);
    assert.match(stderr, new RegExp(`^bde +${done + 1}/10 `, "m")); // the first step that it shows
    assert.deepEqual(outcome(run), outcome(straight));
  });

test("kill -9 loses no more than the steps after the last checkpoint", async () => {
  const run = prepared("killed", { checkpointEvery: 1 });
  const { child, finished } = start(root, ["train", "--resume", "killed"], () => {});
  const watch = setInterval(() => existsSync(join(run.dir, "checkpoint.safetensors")) && child.kill("SIGKILL"), 10);
  const killed = await finished;
  clearInterval(watch);
  assert.deepEqual([killed.status, killed.signal], [null, "SIGKILL"]);
  editJson<RunRecord>(join(run.dir, "config.json"), ({ config }) => Object.assign(config, { checkpointEvery: 100 })); // the rest is quicker so

  const { stderr } = succeed(root, "train", "--resume", "killed");
  assert.doesNotMatch(stderr, /^bde +1\/10 /m); // it went on, and did not begin again
  assert.deepEqual(outcome(run), outcome(straight));
  assert.deepEqual(
    readdirSync(run.dir).filter((name) => name.endsWith(".tmp")),
    [],
  );
});
