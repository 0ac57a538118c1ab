import assert from "node:assert/strict";
import { test } from "node:test";
import { counted, formatMean, formatNumber, formatPercent, formatPoints, listed } from "./words.ts";

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

test("means and differences have a true minus sign, and zero has none", () => {
  assert.deepEqual(
    [0.5, -0.001, -0.0001, Number.NaN].map((value) => formatMean({ percent: true }, value)),
    ["50.0", "−0.1", "0.0", "–"],
  );
  assert.equal(formatMean({ percent: false, digits: 2 }, 1.005), "1.00");
  assert.deepEqual([0.012, -0.012, 0.0001, Number.NaN].map(formatPoints), ["+1.2", "−1.2", "0.0", "–"]);
});

test("counts and lists", () => {
  assert.deepEqual([counted(1, "run"), counted(0, "run"), counted(1234, "cell")], ["1 run", "0 runs", "1,234 cells"]);
  assert.deepEqual([listed([]), listed(["a"]), listed(["a", "b"]), listed(["a", "b", "c"])], ["", "a", "a and b", "a, b and c"]);
});
