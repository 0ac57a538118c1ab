import assert from "node:assert/strict";
import { test } from "node:test";
import { emptyReport, method, report } from "./comparison.fixture.ts";
import { comparisonColumns, formatNumber, formatPercent, renderComparisonTable } from "./table.ts";

test("the text table is aligned", () => {
  assert.deepEqual(renderComparisonTable(report).split("\n"), [
    "method    AP11  count  found  wrong  s/step",
    "───────────────────────────────────────────",
    "A       50.0 %      3     20      2    0.25",
    "B       51.0 %      3     25      5    0.25",
  ]);
  assert.equal(renderComparisonTable(emptyReport).split("\n").length, 2);
});

const best = (label: string, ...methods: Parameters<typeof method>[1][]) => {
  const columns = comparisonColumns({ ...report, methods: methods.map((values, i) => method(`m${i}`, values)) });
  return columns.find((column) => column.label === label)?.best;
};

test("the best is the highest, for wrong the lowest, and no time is best", () => {
  assert.deepEqual(best("AP11", { metrics: { ap11: 0.2 } }, { metrics: { ap11: 0.4 } }, { metrics: { ap11: 0.3 } }), [
    false,
    true,
    false,
  ]);
  assert.deepEqual(best("found", { found: 3 }, { found: 2 }), [true, false]);
  assert.deepEqual(best("wrong", { wrong: 3 }, { wrong: 2 }), [false, true]);
  assert.deepEqual(best("s/step", { secondsPerStep: 3 }, { secondsPerStep: 2 }), [false, false]);
});

test("what is shown alike is equally good", () => {
  assert.deepEqual(best("AP11", { metrics: { ap11: 0.50004 } }, { metrics: { ap11: 0.5 } }), [false, false]);
  const third = { metrics: { ap11: 0.4 } };
  assert.deepEqual(best("AP11", { metrics: { ap11: 0.50004 } }, { metrics: { ap11: 0.5 } }, third), [true, true, false]);
});

test("numbers are short and whole ones stay whole", () => {
  assert.deepEqual([0, 0.00123456, 1.23456, 99.96, 12345, 12345.6, -Infinity].map(formatNumber), [
    "0",
    "0.00123",
    "1.23",
    "100",
    "12345",
    "12346",
    "–",
  ]);
  assert.deepEqual([0, 0.12345, 1, Number.NaN].map(formatPercent), ["0.0 %", "12.3 %", "100.0 %", "–"]);
});

test("a missing or NaN value is a dash and never the best", () => {
  const methods = [
    method("a", { metrics: { ap11: Number.NaN }, secondsPerStep: Number.NaN }),
    method("b", { metrics: { ap11: 0 } }),
  ];
  const columns = comparisonColumns({ ...report, methods });
  assert.deepEqual(
    columns.map(({ cells }) => cells[0]),
    ["–", "–", "10", "2", "–"],
  );
  assert.deepEqual(columns[0].best, [false, true]);
  assert.deepEqual(columns[1].best, [false, false]);
});
