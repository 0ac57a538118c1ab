import assert from "node:assert/strict";
import { test } from "node:test";
import { interval95, meanAndSd, median, rangeText } from "./spread.ts";

test("mean, standard deviation and interval, by hand", () => {
  assert.deepEqual(meanAndSd([2, 4, 6]), { mean: 4, sd: 2 });
  assert.deepEqual([meanAndSd([3]).mean, meanAndSd([3]).sd], [3, Number.NaN]);
  const interval = interval95([2, 4, 6]);
  assert.ok(
    interval &&
      Math.abs(interval[0] - (4 - (4.30265 * 2) / Math.sqrt(3))) < 1e-4 &&
      Math.abs(interval[1] - (8 - interval[0])) < 1e-9,
  );
  assert.equal(interval95([1]), null);
});

test("median and range", () => {
  assert.deepEqual([median([3, 1, 2]), median([4, 1, 3, 2]), median([])], [2, 3, Number.NaN]);
  assert.deepEqual([rangeText([]), rangeText([3, 3]), rangeText([2, 3, 1])], ["0", "3", "1 to 3"]);
});
