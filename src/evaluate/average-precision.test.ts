import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { averagePrecision11, averagePrecision101, averagePrecisionAllPoints } from "./average-precision.ts";

const hitsOf = (marks: string) => Array.from(marks, (mark) => mark === "+");

/** Eqs (12), (13) as printed; recall ≥ k/10 is asked in integers. */
function slowAp(hits: readonly boolean[], truths: number): number {
  const points = hits.map((_, i) => ({ found: hits.slice(0, i + 1).filter(Boolean).length, detections: i + 1 }));
  let sum = 0;
  for (let k = 0; k <= 10; k++) {
    sum += Math.max(
      0,
      ...points.filter(({ found }) => 10 * found >= k * truths).map(({ found, detections }) => found / detections),
    );
  }
  return sum / 11;
}

test("the example of github.com/rafaelpadilla/Object-Detection-Metrics: 24 detections, 15 truths, 26.84 %", () => {
  const ap = averagePrecision11(hitsOf("+-+------+-+++--------+-"), 15);
  assert.equal(ap.toFixed(4), "0.2684");
  assert.ok(Math.abs(ap - (1 + 2 / 3 + 3 * (6 / 14)) / 11) < 1e-15);
});

test("by hand: one truth of two found first, then a miss", () => {
  assert.equal(averagePrecision11(hitsOf("+-"), 2), 6 / 11); // levels 0 to 0.5
  assert.equal(averagePrecision11(hitsOf("-+"), 2), (6 * 0.5) / 11);
  assert.equal(averagePrecision11(hitsOf("-+++"), 3), 0.75); // the last precision is the highest at every level
});

test("a recall of exactly 0.3, 0.6, 0.7 reaches its level", () => {
  assert.ok(3 / 10 < 0.1 * 3 && 6 / 10 < 0.1 * 6 && 7 / 10 < 0.1 * 7, "which comparing fractions misses");
  for (const truths of [10, 20, 30, 70, 130, 1000]) {
    for (let level = 0; level <= 10; level++) {
      const hits: boolean[] = Array((truths * level) / 10).fill(true);
      const expected = level === 0 ? 0 : (level + 1) / 11;
      assert.equal(averagePrecision11(hits, truths), expected);
      if (level > 0) assert.equal(averagePrecision11(hits.slice(1), truths), hits.length === 1 ? 0 : level / 11);
    }
  }
});

test("no truths, no hits, all hits", () => {
  assert.equal(averagePrecision11([], 0), 0);
  assert.equal(averagePrecision11([false, false], 0), 0);
  assert.equal(averagePrecision11([], 5), 0);
  assert.equal(averagePrecision11([false], 5), 0);
  assert.equal(averagePrecision11([true, true, true], 3), 1);
  assert.throws(() => averagePrecision11([true, true], 1), /average precision: expected at most 1 hits, one per truth, got more/);
});

test("equals Eqs (12) and (13) level by level", () => {
  fc.assert(
    fc.property(fc.array(fc.boolean(), { maxLength: 60 }), fc.nat({ max: 40 }), (hits, missed) => {
      const truths = hits.filter(Boolean).length + missed;
      assert.ok(Math.abs(averagePrecision11(hits, truths) - slowAp(hits, truths)) < 1e-14);
    }),
    { numRuns: 1000 },
  );
});

test("a wrong detection never raises AP, and the last one never changes it", () => {
  fc.assert(
    fc.property(fc.array(fc.boolean(), { maxLength: 30 }), fc.nat({ max: 9 }), fc.nat(), (hits, missed, at) => {
      const truths = hits.filter(Boolean).length + missed;
      const ap = averagePrecision11(hits, truths);
      assert.ok(averagePrecision11(hits.toSpliced(at % (hits.length + 1), 0, false), truths) <= ap);
      assert.equal(averagePrecision11([...hits, false], truths), ap);
    }),
  );
});

/** voc_ap of voc_eval.py: sentinels, the envelope from the right, then the sum where recall changes. */
function slowArea(hits: readonly boolean[], truths: number): number {
  const found = hits.map((_, i) => hits.slice(0, i + 1).filter(Boolean).length);
  const recall = [0, ...found.map((n) => n / truths), 1];
  const precision = [0, ...found.map((n, i) => n / (i + 1)), 0];
  const envelope = precision.map((_, i) => Math.max(...precision.slice(i)));
  return recall.slice(1).reduce((sum, r, i) => sum + (r === recall[i] ? 0 : (r - recall[i]) * envelope[i + 1]), 0);
}

/** accumulate of cocoeval.py: the precision of the envelope where recall first reaches each of numpy's linspace(0, 1, 101). */
function slow101(hits: readonly boolean[], truths: number): number {
  const found = hits.map((_, i) => hits.slice(0, i + 1).filter(Boolean).length);
  const precision = found.map((n, i) => n / (i + 1));
  let sum = 0;
  for (let k = 0; k <= 100; k++) {
    const from = found.findIndex((n) => n / truths >= k * 0.01);
    if (from !== -1) sum += Math.max(...precision.slice(from));
  }
  return sum / 101;
}

test("all points and 101 levels equal the rules as their tools write them", () => {
  fc.assert(
    fc.property(fc.array(fc.boolean(), { maxLength: 60 }), fc.nat({ max: 40 }), (hits, missed) => {
      const truths = hits.filter(Boolean).length + missed;
      fc.pre(truths > 0);
      assert.ok(Math.abs(averagePrecisionAllPoints(hits, truths) - slowArea(hits, truths)) < 1e-12);
      assert.ok(Math.abs(averagePrecision101(hits, truths) - slow101(hits, truths)) < 1e-12);
    }),
    { numRuns: 500 },
  );
});

test("all points and 101 levels by hand", () => {
  assert.equal(averagePrecisionAllPoints(hitsOf("+-+"), 4), 1 / 4 + 2 / 3 / 4);
  assert.equal(averagePrecision101(hitsOf("+"), 2), 51 / 101); // recall 0, 0.01 … 0.50
  assert.equal(averagePrecision101(Array(7).fill(true), 20), 35 / 101, "7/20 is less than 35 · 0.01 in floating point");
  for (const ap of [averagePrecisionAllPoints, averagePrecision101]) {
    for (const [marks, truths, expected] of [
      ["", 0, 0],
      ["--", 0, 0],
      ["", 3, 0],
      ["-", 3, 0],
      ["+++", 3, 1],
    ] as const)
      assert.equal(ap(hitsOf(marks), truths), expected);
    assert.throws(() => ap([true], 0), /expected at most 0 hits/);
  }
});
