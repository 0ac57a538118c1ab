import assert from "node:assert/strict";
import { appendFileSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, test } from "node:test";
import { scope, Tensor } from "@sparsecell/torch";
import { UserError } from "../errors.ts";
import { type LogEntry, RunFolder, type RunRecord } from "./run-folder.ts";

const root = mkdtempSync(join(tmpdir(), "run-folder-"));
after(() => rmSync(root, { recursive: true }));

const record = { config: { steps: 3, detector: {} }, versions: { node: "v20" }, started: "now" } as unknown as RunRecord;
const entry = (step: number): LogEntry => ({
  step,
  loss: 1 / step,
  rpnClass: 0,
  rpnBox: 0,
  roiClass: 0,
  roiBox: 0,
  lr: 0.1,
  seconds: 1,
});

function folder(name: string): RunFolder {
  const run = new RunFolder(join(root, name));
  run.create(record);
  return run;
}

test("a record comes back; a second one is refused", () => {
  const run = folder("record");
  assert.deepEqual(run.record(), record);
  assert.throws(
    () => run.create(record),
    (error) => error instanceof UserError && /already holds a run/.test(error.message),
  );
  assert.throws(() => run.requireNew(), UserError);
  assert.throws(() => new RunFolder(join(root, "none")).record(), /none: is no run folder/);
});

test("the log survives a line that was cut off, and goes back to a checkpoint's step", () => {
  const run = folder("log");
  assert.deepEqual(run.log(), []);
  for (const step of [1, 2, 3]) run.append(entry(step));
  appendFileSync(join(run.dir, "log.jsonl"), '{"step":4,"loss":0.2');
  assert.deepEqual(run.log(), [1, 2, 3].map(entry));
  run.rewindLog(2);
  run.append(entry(3));
  assert.equal(
    readFileSync(join(run.dir, "log.jsonl"), "utf8"),
    [1, 2, 3].map((step) => `${JSON.stringify(entry(step))}\n`).join(""),
  );
});

test("a checkpoint comes back as it was; of another's unfinished files nothing stays", () => {
  const run = folder("checkpoint");
  assert.equal(run.readCheckpoint(), null);
  scope(() => {
    const model = new Map([["a.weight", Tensor.from([1, 2.5, -3], [3, 1])]]);
    const momentum = new Map([["a.weight", Tensor.from([0.5, 0, 7], [3, 1])]]);
    run.writeCheckpoint({ step: 17, model, momentum });
    const back = run.readCheckpoint();
    assert.equal(back?.step, 17);
    assert.deepEqual(
      [back?.model.get("a.weight")?.shape, back?.model.get("a.weight")?.numbers()],
      [
        [3, 1],
        [1, 2.5, -3],
      ],
    );
    assert.deepEqual(back?.momentum.get("a.weight")?.numbers(), [0.5, 0, 7]);
  });
  writeFileSync(join(run.dir, ".checkpoint.safetensors.123.tmp"), "half");
  run.removeUnfinishedFiles();
  assert.deepEqual(readdirSync(run.dir).sort(), ["checkpoint.safetensors", "config.json"]);
  writeFileSync(join(run.dir, "checkpoint.safetensors"), "half");
  assert.throws(
    () => run.readCheckpoint(),
    (error) => error instanceof UserError && /remove it and resume/.test(error.message),
  );
});

test("a run is finished when its model is there", () => {
  const run = folder("finished");
  run.requireUnfinished();
  writeFileSync(run.modelFile, "");
  assert.throws(() => run.requireUnfinished(), /is finished already/);
});
