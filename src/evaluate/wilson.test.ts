import assert from "node:assert/strict";
import { test } from "node:test";
import { wilsonInterval } from "./wilson.ts";

const rounded = (found: number, all: number): number[] => wilsonInterval(found, all).map((part) => Math.round(1e4 * part));

test("Wilson's interval, against worked values", () => {
  assert.deepEqual(rounded(81, 263), [2553, 3662]); // Newcombe, Statistics in Medicine 1998, table I
  assert.deepEqual(rounded(15, 148), [624, 1605]);
  assert.deepEqual(rounded(0, 20), [0, 1611]);
  assert.deepEqual(rounded(1, 29), [61, 1718]);
  assert.deepEqual([rounded(29, 29)[1], rounded(0, 0)], [10000, [0, 10000]]);
});
