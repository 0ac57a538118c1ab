// One training on several processes, as people start it.

import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { distributedMissing } from "@sparsecell/torch";
import type { Dataset } from "../data/dataset.ts";
import { readDataset } from "../data/dataset-folder.ts";
import { filesOf } from "../runs/run-files.fixture.ts";
import { RunFolder } from "../runs/run-folder.ts";
import type { TrainConfig } from "../settings/training.ts";
import { tinyConfig, tinyDataset } from "../train/run.fixture.ts";
import { heldOutRecord } from "../train/run-hold-out.ts";
import { sparsecell, start, succeed } from "./cli.fixture.ts";

const missing = distributedMissing();
const skip = missing ?? false;
const root = mkdtempSync(join(tmpdir(), "cli processes-"));
after(() => rmSync(root, { recursive: true }));

let dataset: Dataset;
let [one, two]: RunFolder[] = [];
/** Five steps in which the weights move little, so that rounding does not decide which boxes are sampled. */
const training: Partial<TrainConfig> = {
  steps: 5,
  batch: 3,
  lr: 1e-5,
  averaging: 0.9,
  holdOut: 0.4,
  validateEvery: 2,
  threads: 1,
};

function prepared(name: string, change: Partial<TrainConfig>): RunFolder {
  const run = new RunFolder(join(root, name));
  const config = tinyConfig(dataset, { ...training, ...change });
  run.create({ config, versions: {}, started: "", ...heldOutRecord(dataset, config) });
  return run;
}
const outcome = (run: RunFolder) => ({
  model: createHash("sha256").update(readFileSync(run.modelFile)).digest("hex"),
  log: readFileSync(join(run.dir, "log.jsonl"), "utf8"),
  validation: readFileSync(join(run.dir, "validation.jsonl"), "utf8"),
});

before(async () => {
  await tinyDataset(root);
  dataset = readDataset(join(root, "complete")); // of its marks enough can be held out
  if (skip) return;
  one = prepared("one", {});
  two = prepared("two", { processes: 2 });
  for (const run of [one, two]) succeed(root, "train", "--resume", run.dir);
});

test("two processes come to the losses of one, with shares of different sizes", { skip }, () => {
  const [expected, got] = [one.log(), two.log()];
  assert.equal(got.length, 5);
  got.forEach(({ parts }, i) => {
    for (const [part, loss] of Object.entries(expected[i].parts))
      assert.ok(Math.abs(parts[part] - loss) < 1e-5 * Math.max(1, loss), `step ${i + 1}: ${part} ${parts[part]}, ${loss}`);
  });
  assert.deepEqual(filesOf(two.dir), filesOf(one.dir));
});

test("stopped by a signal and resumed, they come to the same bits", { skip }, async () => {
  const run = prepared("stopped", { processes: 2 });
  let sent = false;
  const stopped = await start(root, ["train", "--resume", "stopped"], (stderr, child) => {
    if (sent || !/^bde 1\/5 /m.test(stderr)) return;
    sent = true;
    child.kill("SIGTERM");
  }).finished;
  assert.equal(stopped.status, 143, stopped.stderr);
  const done = run.log().length;
  assert.ok(done >= 1 && done < 5);
  assert.deepEqual(stopped.lines.slice(-2), [
    "stopping after the current step; repeat to stop at once",
    `stopped after step ${done} of 5; resume with: npx sparsecell train --resume stopped`,
  ]);
  succeed(root, "train", "--resume", "stopped");
  assert.deepEqual(outcome(run), outcome(two));
});

test("a run goes on with another number of processes, and says so", { skip }, () => {
  const run = prepared("resized", { processes: 2, threads: 2 });
  const { lines } = succeed(root, "train", "--resume", "resized", "--processes", "3");
  assert.ok(
    lines.includes(
      "goes on with 3 processes of 1 thread where it had 2: the results differ in the last bits from those without the change",
    ),
    lines.join("\n"),
  );
  assert.deepEqual([run.record().config.processes, run.record().config.threads], [3, 1]);
});

test("what cannot be is one line", { skip }, () => {
  prepared("small", { batch: 1 });
  prepared("card", { processes: 2, device: "cuda" });
  const say = (...args: string[]) => {
    const { status, lines, stdout } = sparsecell(root, "train", ...args);
    assert.deepEqual([status, lines.length, stdout], [1, 1, ""], lines.join("\n"));
    return lines[0];
  };
  assert.match(
    say("--resume", "small", "--processes", "2"),
    /^sparsecell: --processes 2: needs at least as many images in a step, and --batch is 1; /,
  );
  assert.match(say("--resume", "card"), /^sparsecell: (--processes 2: trains on processors only|device: )/);
});

test("a new run has a plan for as many processes", { skip }, () => {
  const settings = ["--backbone", "resnet18", "--input-size", "64", "--steps", "2", "--batch", "2", "--weights", "random"];
  succeed(root, "train", dataset.dir, "--processes", "2", ...settings, "--out", "new");
  const run = new RunFolder(join(root, "new"));
  assert.deepEqual([run.record().config.processes, run.log().length], [2, 2]);
});
