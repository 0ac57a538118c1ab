import assert from "node:assert/strict";
import { test } from "node:test";
import { comparison, emptyComparison, method } from "./comparison.fixture.ts";
import { comparisonColumns, renderComparisonTable } from "./table.ts";

test("the text table is aligned", () => {
  assert.deepEqual(renderComparisonTable(comparison).split("\n"), [
    "method      AP  recall  recall at 0.5  precision at 0.5  F1 at 0.5  best F1  found  wrong  s/step",
    "─────────────────────────────────────────────────────────────────────────────────────────────────",
    "A       50.0 %  75.0 %              –                 –          –        –     20      2    0.25",
    "B       51.0 %  75.0 %              –                 –          –        –     25      5    0.25",
  ]);
  assert.equal(renderComparisonTable(emptyComparison).split("\n").length, 2);
});

const best = (label: string, ...methods: Parameters<typeof method>[1][]) => {
  const columns = comparisonColumns({ ...comparison, methods: methods.map((values, i) => method(`m${i}`, values)) });
  return columns.find((column) => column.label === label)?.best;
};

test("the best is the highest, for wrong the lowest, and no time is best", () => {
  assert.deepEqual(best("AP", { metrics: { ap11: 0.2 } }, { metrics: { ap11: 0.4 } }, { metrics: { ap11: 0.3 } }), [
    false,
    true,
    false,
  ]);
  assert.deepEqual(best("found", { found: 3 }, { found: 2 }), [true, false]);
  assert.deepEqual(best("wrong", { wrong: 3 }, { wrong: 2 }), [false, true]);
  assert.deepEqual(best("s/step", { secondsPerStep: 3 }, { secondsPerStep: 2 }), [false, false]);
});

test("what is shown alike is equally good", () => {
  assert.deepEqual(best("AP", { metrics: { ap11: 0.50004 } }, { metrics: { ap11: 0.5 } }), [false, false]);
  const third = { metrics: { ap11: 0.4 } };
  assert.deepEqual(best("AP", { metrics: { ap11: 0.50004 } }, { metrics: { ap11: 0.5 } }, third), [true, true, false]);
});

test("a missing or NaN value is a dash and never the best", () => {
  const methods = [
    method("a", { metrics: { ap11: Number.NaN }, secondsPerStep: Number.NaN }),
    method("b", { metrics: { ap11: 0 } }),
  ];
  const columns = comparisonColumns({ ...comparison, methods });
  assert.deepEqual(
    columns.map(({ cells }) => cells[0]),
    ["–", "–", "–", "–", "–", "–", "10", "2", "–"],
  );
  assert.deepEqual(columns[0].best, [false, true]);
  assert.deepEqual(columns[1].best, [false, false]);
});
