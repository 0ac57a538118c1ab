import assert from "node:assert/strict";
import { appendFileSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, test } from "node:test";
import { type LogEntry, RunLog } from "./run-log.ts";

const root = mkdtempSync(join(tmpdir(), "run-log-"));
after(() => rmSync(root, { recursive: true }));

const parts = { rpnClass: 0, rpnBox: 0, roiClass: 0, roiBox: 0 };
const entry = (step: number): LogEntry => ({ step, loss: 1 / step, parts, lr: 0.1 });
/** The line of 0.3.0: the parts beside the other keys. */
const lineOf = (step: number) => ({ step, loss: 1 / step, ...parts, lr: 0.1 });
const file = (name: string, which = "log.jsonl"): string => join(root, name, which);
function log(name: string): RunLog {
  mkdirSync(join(root, name));
  return new RunLog(join(root, name));
}

test("times and skipped steps are kept apart from the losses", () => {
  const run = log("parts");
  run.append(entry(1), 0.5);
  run.append({ step: 2, skipped: "the rpnBox is NaN on a.png" }, 0.25);
  run.append(entry(3), 2);
  run.sync();
  assert.deepEqual(run.entries(), [1, 3].map(entry));
  assert.deepEqual(run.skipped(), [{ step: 2, skipped: "the rpnBox is NaN on a.png" }]);
  assert.deepEqual(
    run.times().map(({ seconds }) => seconds),
    [0.5, 0.25, 2],
  );
  run.rewind(2);
  assert.deepEqual([run.entries(), run.skipped().length, run.times().length], [[entry(1)], 1, 2]);
});

test("a log of an earlier version, with its times in it, reads alike and goes on", () => {
  const run = log("earlier");
  writeFileSync(file("earlier"), [1, 2].map((step) => `${JSON.stringify({ ...lineOf(step), seconds: step / 4 })}\n`).join(""));
  const times = [1, 2].map((step) => ({ step, seconds: step / 4 }));
  assert.deepEqual([run.entries(), run.times()], [[1, 2].map(entry), times]);
  run.rewind(2);
  run.append(entry(3), 9);
  assert.deepEqual(run.times(), [...times, { step: 3, seconds: 9 }]);
  assert.equal(readFileSync(file("earlier"), "utf8"), [1, 2, 3].map((step) => `${JSON.stringify(lineOf(step))}\n`).join(""));
});

test("any named losses come back, in their order", () => {
  const run = log("named");
  const named = { ...entry(1), parts: { ...parts, consistency: 0.25, prior: 2 } };
  run.append(named, 1);
  assert.deepEqual(run.entries(), [named]);
  assert.deepEqual(Object.keys(run.entries()[0].parts), [...Object.keys(parts), "consistency", "prior"]);
});

test("what a method reports is kept apart from the losses", () => {
  const run = log("report");
  const reported = { ...entry(1), report: { completeness: 0.11 } };
  run.append(reported, 1);
  run.append(entry(2), 1);
  run.rewind(2);
  assert.deepEqual(run.entries(), [reported, entry(2)]);
  appendFileSync(file("report"), `${JSON.stringify({ ...lineOf(3), report: { completeness: "few" } })}\n`);
  assert.throws(() => run.entries(), /log\.jsonl:3: is not a record of a step/);
});

test("half a line does not count; a whole one that is none of ours is an error with its number", () => {
  const run = log("damaged");
  run.append(entry(1), 1);
  appendFileSync(file("damaged"), '{"step":2,"lo');
  assert.deepEqual(run.entries(), [entry(1)]);
  for (const line of ["{loss}", '{"loss":1}', "[{}", '{"step":"2"}', '{"step":2,"loss":1,"lr":1,"prior":"a"}']) {
    writeFileSync(file("damaged"), `${JSON.stringify(lineOf(1))}\n${line}${line.endsWith("}") ? "" : "}"}\n`);
    assert.throws(() => run.entries(), /^UserError: .*log\.jsonl:2: is not a record of a step/);
  }
});
