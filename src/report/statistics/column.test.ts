import assert from "node:assert/strict";
import { test } from "node:test";
import { compareSamples } from "./column.ts";

const sample = (method: string, ...values: readonly number[]) => ({
  method,
  sample: new Map(values.map((value, i) => [`fold ${i}`, value])),
});
const rising = [0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8];
const plus = (by: number) => rising.map((value, i) => value + by + i / 1000);
const marks = (...args: Parameters<typeof compareSamples>) => compareSamples(...args).cells.map(({ mark }) => mark);

test("best is who beats every other in pairs, however folds differ", () => {
  assert.deepEqual(marks([sample("a", ...rising), sample("b", ...plus(0.01)), sample("c", ...plus(-0.01))], "higher"), [
    null,
    "best",
    null,
  ]);
  assert.deepEqual(marks([sample("a", ...rising), sample("b", ...plus(0.01)), sample("c", ...plus(-0.01))], "lower"), [
    null,
    null,
    "best",
  ]);
  assert.deepEqual(marks([sample("a", ...rising), sample("b", ...plus(0.01))], null), [null, null]);
});

test("who is not told from the best is tied with it", () => {
  const close = rising.map((value, i) => value + 0.011 + (i % 2 === 0 ? 0.02 : -0.02));
  assert.deepEqual(marks([sample("a", ...rising), sample("b", ...plus(0.01)), sample("c", ...close)], "higher"), [
    null,
    "tied",
    "tied",
  ]);
  assert.deepEqual(marks([sample("a", 0.1, 0.2, 0.3), sample("b", 0.7, 0.8, 0.9)], "higher"), ["tied", "tied"]);
  assert.deepEqual(marks([sample("a", ...rising), sample("b", ...rising)], "higher"), ["tied", "tied"]);
});

test("p values are of pairs and corrected for the other methods", () => {
  const { tests } = compareSamples([sample("a", ...rising), sample("b", ...plus(0.01)), sample("c", ...plus(-0.01))], "higher");
  assert.deepEqual(
    tests.map(({ best, other, n, p, pHolm }) => [best, other, n, p, pHolm]),
    [
      ["b", "a", 8, 2 / 256, 4 / 256],
      ["b", "c", 8, 2 / 256, 4 / 256],
    ],
  );
  assert.ok(Math.abs(tests[0].difference - 0.0135) < 1e-12);
});

test("a mean of fewer folds cannot be the best, but is compared on those it has", () => {
  const { cells, tests } = compareSamples([sample("a", ...rising), sample("b", 0.9, 0.9), sample("c")], "higher");
  assert.deepEqual(
    cells.map(({ n, mark }) => [n, mark]),
    [
      [8, "tied"],
      [2, "tied"],
      [0, null],
    ],
  );
  assert.deepEqual(
    tests.map(({ other, n }) => [other, n]),
    [["b", 2]],
  );
  assert.ok(Number.isNaN(cells[2].mean));
  assert.deepEqual(marks([sample("a", 1)], "higher"), [null]);
  assert.deepEqual(marks([], "higher"), []);
});
