import assert from "node:assert/strict";
import { test } from "node:test";
import { cellsCounted, methodTold, together } from "./told.ts";

const about = (value: number, factor: number) => ({ value, low: value / factor, high: value * factor });

test("a training is told what the answers say, if they say anything, within limits", () => {
  assert.deepEqual(
    [null, about(0, 1)].map((cells) => methodTold(10, cells)),
    [null, null],
  );
  assert.deepEqual(
    [81, 1e6, 5].map((cells) => methodTold(10, about(cells, 2))),
    ["completeness:c=0.123", "completeness:c=0.020", "completeness:c=1.000"],
  );
});

test("several estimates are one, nearer to the surer ones and surer than each", () => {
  assert.equal(together([]), null);
  const one = together([about(100, 2)]);
  assert.deepEqual(
    [one?.value, one?.high].map((value) => value?.toFixed(1)),
    ["100.0", "200.0"],
  );
  const both = together([about(100, 2), about(200, 1.1)]);
  assert.ok(both && both.value > 190 && both.value < 200 && both.high / both.value < 1.1);
  const alike = together([about(100, 2), about(400, 2)]);
  assert.equal(alike?.value.toFixed(1), "200.0");
});

test("a training's own count is less sure than it says", () => {
  const cells = cellsCounted(20, { part: 0.05, low: 0.049, high: 0.051 });
  assert.equal(cells?.value, 400);
  assert.ok(cells && cells.high > 600 && cells.low < 260);
  assert.equal(cellsCounted(0, { part: 0.05, low: 0.04, high: 0.06 }), null);
});
