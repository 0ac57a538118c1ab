import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { type DistanceRule, distanceRules, matchByDistance } from "./distance-matching.ts";
import { detectionAt, someDetections, someTruths, truthAt } from "./evaluation.fixture.ts";
import type { Detection, Truth } from "./pairs.ts";

const truthOf = (truths: Truth[], detections: Detection[], rule: DistanceRule, radius = 10) => [
  ...matchByDistance(truths, detections, { radius: () => radius, rule }).truthOf,
];

const distance = (a: Truth, b: Truth) =>
  Math.sqrt([0, 1].reduce((sum, i) => sum + ((a.box[i] + a.box[i + 2] - b.box[i] - b.box[i + 2]) / 2) ** 2, 0));
const near = (a: Truth, b: Truth, radius: number) =>
  a.imageId === b.imageId && a.categoryId === b.categoryId && distance(a, b) <= radius;

test("by hand: the three rules disagree", () => {
  // On a line, radius 10: truths at 0 and 12; detections at 6 (0.9), 10 (0.8), 2 (0.7).
  const truths = [truthAt(0, 0), truthAt(12, 0)];
  const detections = [detectionAt(6, 0, 0.9), detectionAt(10, 0, 0.8), detectionAt(2, 0, 0.7)];
  assert.deepEqual(truthOf(truths, detections, "by-score"), [0, 1, -1], "6 is as far from both and takes the first");
  assert.deepEqual(truthOf(truths, detections, "by-truth"), [-1, 1, 0], "each its nearest, whatever the score");
  // With a detection that only reaches 0, 6 must move to 12 for a second pair.
  const two = [detectionAt(6, 0, 0.9), detectionAt(-9, 0, 0.2)];
  assert.deepEqual(truthOf(truths, two, "by-score"), [0, -1]);
  assert.deepEqual(truthOf(truths, two, "maximum"), [1, 0]);
});

test("the radius is inclusive; other images and categories are no match; radii may differ by image", () => {
  for (const rule of distanceRules) {
    assert.deepEqual(truthOf([truthAt(0, 0)], [detectionAt(6, 8, 1)], rule), [0]);
    assert.deepEqual(truthOf([truthAt(0, 0)], [detectionAt(6, 8.01, 1)], rule), [-1]);
    assert.deepEqual(
      truthOf([truthAt(0, 0)], [detectionAt(0, 0, 1, { imageId: 2 }), detectionAt(0, 0, 1, { categoryId: 2 })], rule),
      [-1, -1],
    );
    assert.deepEqual(
      [truthOf([], [], rule), truthOf([truthAt(0, 0)], [], rule), truthOf([], [detectionAt(0, 0, 1)], rule)],
      [[], [], [-1]],
    );
    const truths = [truthAt(0, 0), truthAt(0, 0, { imageId: 2 })];
    const detections = [detectionAt(9, 0, 1), detectionAt(9, 0, 1, { imageId: 2 })];
    const matching = matchByDistance(truths, detections, { radius: (imageId) => (imageId === 1 ? 8 : 10), rule });
    assert.deepEqual([...matching.truthOf], [-1, 1]);
  }
});

test("detections without a truth go to a nearby ignored one, any number of times", () => {
  const truths = [truthAt(0, 0, { ignore: true }), truthAt(8, 0)];
  const detections = [detectionAt(1, 0, 0.9), detectionAt(2, 0, 0.8), detectionAt(1, 1, 0.7)];
  for (const rule of distanceRules)
    assert.deepEqual(truthOf(truths, detections, rule), rule === "by-truth" ? [0, 1, 0] : [1, 0, 0]);
});

test("by-score and by-truth equal a search over all pairs", () => {
  const slow = {
    "by-score"(truths: Truth[], detections: Detection[], radius: number): number[] {
      const result = detections.map(() => -1);
      for (const d of detections.map((_, i) => i).sort((a, b) => detections[b].score - detections[a].score)) {
        truths.forEach((truth, t) => {
          if (truth.ignore || result.includes(t) || !near(truth, detections[d], radius)) return;
          if (result[d] === -1 || distance(truth, detections[d]) < distance(truths[result[d]], detections[d])) result[d] = t;
        });
      }
      return result;
    },
    // score_detection of evalutils: the targets in order, their hits by distance
    "by-truth"(truths: Truth[], detections: Detection[], radius: number): number[] {
      const result = detections.map(() => -1);
      truths.forEach((truth, t) => {
        if (truth.ignore) return;
        const hits = detections.map((_, d) => d).filter((d) => near(truth, detections[d], radius));
        hits.sort((a, b) => distance(truth, detections[a]) - distance(truth, detections[b]));
        const hit = hits.find((d) => result[d] === -1);
        if (hit !== undefined) result[hit] = t;
      });
      return result;
    },
  };
  fc.assert(
    fc.property(someTruths, someDetections, fc.constantFrom(0, 8, 12, 20), (truths, detections, radius) => {
      for (const rule of ["by-score", "by-truth"] as const) {
        const expected = slow[rule](truths, detections, radius);
        const counted = truthOf(truths, detections, rule, radius).map((t) => (t !== -1 && truths[t].ignore ? -1 : t));
        assert.deepEqual(counted, expected);
      }
    }),
    { numRuns: 300 },
  );
});

/** The size of the largest matching: the first detection stays alone, or takes any of its truths. */
function most(truths: readonly Truth[], detections: readonly Detection[], radius: number): number {
  const [first, ...others] = detections;
  if (first === undefined) return 0;
  const taken = truths.flatMap((truth, t) =>
    near(truth, first, radius) ? [1 + most(truths.toSpliced(t, 1), others, radius)] : [],
  );
  return Math.max(most(truths, others, radius), ...taken);
}

test("maximum: as many pairs as possible, for all detections and for those above any score", () => {
  const point = fc.tuple(fc.nat({ max: 4 }), fc.nat({ max: 2 }));
  fc.assert(
    fc.property(
      fc.array(point, { maxLength: 6 }),
      fc.array(fc.tuple(point, fc.nat({ max: 6 })), { maxLength: 6 }),
      fc.constantFrom(1, 1.5, 2),
      (cells, marks, radius) => {
        const truths = cells.map(([x, y]) => truthAt(x, y));
        const detections = marks.map(([[x, y], score]) => detectionAt(x, y, score / 6)).sort((a, b) => b.score - a.score);
        const matched = truthOf(truths, detections, "maximum", radius);
        for (let count = 0; count <= detections.length; count++) {
          const pairs = matched.slice(0, count).filter((t) => t !== -1).length;
          assert.equal(pairs, most(truths, detections.slice(0, count), radius));
        }
        const taken = matched.filter((t) => t !== -1);
        assert.equal(new Set(taken).size, taken.length);
        matched.forEach((t, d) => assert.ok(t === -1 || near(truths[t], detections[d], radius)));
      },
    ),
    { numRuns: 300 },
  );
});

test("maximum: a chain of ten thousand cells shifts by one", () => {
  const cells = Array.from({ length: 10_000 }, (_, i) => truthAt(10 * i, 0));
  const detections = cells.map((_, i) => detectionAt(10 * i + 5, 0, 1 - i / 20_000));
  detections.push(detectionAt(-5, 0, 0.1)); // reaches only the first cell, which all others have to leave
  const matched = truthOf(cells, detections, "maximum", 5);
  assert.deepEqual([matched[0], matched[9998], matched[9999], matched[10_000]], [0, 9998, 9999, -1]);
  assert.deepEqual(truthOf([...cells, truthAt(100_000, 0)], detections, "maximum", 5).slice(-2), [10_000, 0]);
});
