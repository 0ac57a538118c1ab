import assert from "node:assert/strict";
import { test } from "node:test";
import type { LogEntry } from "../runs/run-log.ts";
import { lossStretches } from "./unit.ts";

const log = (steps: number): LogEntry[] =>
  Array.from({ length: steps }, (_, i) => ({
    step: i + 1,
    loss: 0,
    parts: { rpnClass: i, rpnBox: 2 * i, roiClass: 1, roiBox: 0 },
    lr: 1,
  }));

test("losses are means over equal stretches of all steps, no more than asked for", () => {
  assert.deepEqual(lossStretches(log(6), 3), [
    { step: 2, rpnClass: 0.5, rpnBox: 1, roiClass: 1, roiBox: 0 },
    { step: 4, rpnClass: 2.5, rpnBox: 5, roiClass: 1, roiBox: 0 },
    { step: 6, rpnClass: 4.5, rpnBox: 9, roiClass: 1, roiBox: 0 },
  ]);
  assert.deepEqual(
    lossStretches(log(2), 100).map(({ step }) => step),
    [1, 2],
  );
  const odd = lossStretches(log(250), 100);
  assert.deepEqual([odd.length, odd[99].step], [100, 250]);
  assert.deepEqual(lossStretches([], 100), []);
});
