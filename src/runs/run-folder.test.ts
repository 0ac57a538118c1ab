import assert from "node:assert/strict";
import { appendFileSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, test } from "node:test";
import { UserError } from "../errors.ts";
import { settingsIn } from "../settings/declarations.ts";
import { trainingSettings } from "../settings/training.ts";
import { tinyConfig } from "../train/run.fixture.ts";
import { RunFolder, type RunRecord } from "./run-folder.ts";
import type { LogEntry } from "./run-log.ts";

const root = mkdtempSync(join(tmpdir(), "run-folder-"));
after(() => rmSync(root, { recursive: true }));

const { keepCheckpoints, onNonfinite, ...config } = tinyConfig({
  dir: root,
  images: [],
  annotations: [],
  categories: [{ id: 1, name: "cell" }],
});
const record = { config, versions: { node: "v20" }, started: "now" } as unknown as RunRecord; // as an earlier version wrote it
const parts = { rpnClass: 0, rpnBox: 0, roiClass: 0, roiBox: 0 };
const entry = (step: number): LogEntry => ({
  step,
  loss: 1 / step,
  parts,
  lr: 0.1,
});

function folder(name: string): RunFolder {
  const run = new RunFolder(join(root, name));
  run.create(record);
  return run;
}

test("a record comes back; a second one is refused", () => {
  const run = folder("record");
  assert.deepEqual(run.record(), { ...record, config: { ...config, keepCheckpoints, onNonfinite } });
  run.setOnNonfinite("skip");
  assert.deepEqual(run.record(), { ...record, config: { ...config, keepCheckpoints, onNonfinite: "skip" } });
  assert.throws(
    () => run.create(record),
    (error) => error instanceof UserError && /already holds a run/.test(error.message),
  );
  assert.throws(() => run.requireNew(), UserError);
  assert.throws(() => new RunFolder(join(root, "none")).record(), /none: not a run folder/);
});

test("a record that was changed by hand is refused by line and key", () => {
  const run = folder("changed");
  const file = join(run.dir, "config.json");
  const text = readFileSync(file, "utf8");
  const refused = (before: string, after: string, message: RegExp) => {
    assert.ok(text.includes(before), before);
    writeFileSync(file, text.replace(before, after));
    assert.throws(() => run.record(), { name: "UserError", message });
  };
  refused(
    '"batch": 1',
    '"batch": "1"',
    /config\.json:\d+: config\.batch: expected a whole number of at least 1, got "1"; this is not/,
  );
  refused(
    '"channelsLast": true',
    '"channelsLast": "no"',
    /config\.json:\d+: config\.channelsLast: expected true or false, got "no";/,
  );
  refused('"steps"', '"step"', /config\.json:\d+: config\.steps: is missing; expected a whole number of at least 1;/);
  refused('"resnet18"', '"resnet19"', /config\.json:\d+: config\.detector\.backbone: expected "resnet.*, got "resnet19";/);
});

test("every setting of a record is checked", () => {
  const run = folder("checked");
  const file = join(run.dir, "config.json");
  const whole = new RunFolder(join(root, "whole"));
  whole.create({ ...record, config: { ...config, keepCheckpoints, onNonfinite } as RunRecord["config"] });
  for (const { path } of settingsIn(trainingSettings)) {
    const copy = JSON.parse(readFileSync(join(whole.dir, "config.json"), "utf8"));
    const group = ["config", ...path.slice(0, -1)].reduce((outer, name) => outer[name], copy);
    group[path.at(-1) as string] = {};
    writeFileSync(file, JSON.stringify(copy, null, 2));
    const place = `config\\.json:\\d+: config\\.${path.join("\\.")}`;
    assert.throws(() => run.record(), { name: "UserError", message: new RegExp(`${place}.*: expected .*, got an object; `) });
  }
});

test("the log survives a line that was cut off, and goes back to a checkpoint's step", () => {
  const run = folder("log");
  assert.deepEqual(run.log(), []);
  for (const step of [1, 2, 3]) run.append(entry(step), step / 10);
  appendFileSync(join(run.dir, "log.jsonl"), '{"step":4,"loss":0.2');
  assert.deepEqual(run.log(), [1, 2, 3].map(entry));
  run.rewindLog(2);
  run.append(entry(3), 7);
  assert.equal(
    readFileSync(join(run.dir, "log.jsonl"), "utf8"),
    [1, 2, 3].map((step) => `${JSON.stringify({ step, loss: 1 / step, ...parts, lr: 0.1 })}\n`).join(""),
  );
});

test("of another's unfinished files nothing stays", () => {
  const run = folder("unfinished");
  writeFileSync(join(run.dir, ".checkpoint.safetensors.123.tmp"), "half");
  run.removeUnfinishedFiles();
  assert.deepEqual(readdirSync(run.dir).sort(), ["config.json"]);
});

test("a run is finished when its model is there", () => {
  const run = folder("finished");
  run.requireUnfinished();
  writeFileSync(run.modelFile, "");
  assert.throws(() => run.requireUnfinished(), /already finished/);
});
