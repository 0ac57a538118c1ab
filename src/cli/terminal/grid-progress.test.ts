import assert from "node:assert/strict";
import { test } from "node:test";
import type { GridResult, GridUnit } from "../../runs/grid.ts";
import { GridProgress } from "./grid-progress.ts";

const units = ["fpn", "bde", "focal"].map((method): GridUnit => ({ fold: 0, keep: 0.5, method, seed: 0 }));
const result = (unit: GridUnit, limitedImages = 0) =>
  ({ unit, measures: { ap11: 0.5, recall: 0.25 }, limitedImages, totalSeconds: 60 }) as GridResult;

function shown(finished: readonly GridResult[], isTTY = false) {
  const written: string[] = [];
  const stream = { isTTY, columns: 200, write: (text: string) => written.push(text) };
  const progress = new GridProgress({ label: "tiny", units, finished, steps: 10, jobs: 1, stream });
  return { progress, written, lines: () => written.join("").trimEnd().split("\n") };
}

test("a line for every run that ends, with what is left to do", () => {
  const { progress, lines } = shown([]);
  progress.show({ kind: "note", unit: units[0], line: "anchors: 16" });
  for (const unit of units.slice(0, 2)) progress.show({ kind: "step", unit, step: 3, loss: 1 });
  progress.show({ kind: "note", unit: units[1], line: "anchors: 16" }); // said already
  progress.show({ kind: "finished", unit: units[0], result: result(units[0], 2) });
  progress.show({ kind: "failed", unit: units[1], message: "no room" });
  progress.show({ kind: "stopped", unit: units[2], step: 4 });
  progress.finish({ stopped: true });
  assert.deepEqual(lines(), [
    "anchors: 16",
    "1/3  fpn, fold 0, 50 %, seed 0: AP 50.0 %, recall 25.0 %, 2 images at a limit, in 1:00, 2:00 left",
    "failed: bde, fold 0, 50 %, seed 0: no room",
    "stopped: focal, fold 0, 50 %, seed 0 after step 4 of 10",
    "1 of 3 runs are finished; resume with the same command",
  ]);
});

test("runs that were finished before count; the end says how long it took", () => {
  const { progress, lines } = shown([result(units[0]), result(units[1])]);
  progress.show({ kind: "finished", unit: units[2], result: result(units[2]) });
  progress.finish({ stopped: false });
  assert.equal(lines()[0], "3/3  focal, fold 0, 50 %, seed 0: AP 50.0 %, recall 25.0 %, in 1:00");
  assert.match(lines()[1], /^3 of 3 runs are finished, after \d:\d\d$/);
});

test("a terminal also shows the steps of all runs under way", () => {
  const { progress, written } = shown([result(units[0])], true);
  progress.show({ kind: "step", unit: units[1], step: 4, loss: 1.5 });
  assert.match(written.at(-1) as string, /14\/30 {2}bde, fold 0, 50 %, seed 0 1\.500/);
});
