import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { Random } from "../random.ts";
import { calibrated, count, fitScores, lossOf, type MatchCounts, noCounts, type ScoreMap } from "./score-calibration.ts";

type Seen = readonly (readonly [score: number, matches: boolean])[];
const countsOf = (seen: Seen): MatchCounts => {
  const counts = noCounts();
  for (const [score, matches] of seen) count(counts, score, matches);
  return counts;
};
const some: fc.Arbitrary<Seen> = fc.array(fc.tuple(fc.double({ min: 0, max: 1, noNaN: true }), fc.boolean()), {
  maxLength: 60,
});

/** Detection by detection, with the score at the middle of its bin. */
function slowLoss(seen: Seen, { slope, offset }: ScoreMap): number {
  let loss = (slope - 1) ** 2 / 2 + offset ** 2 / 2;
  for (const [score, matches] of seen) {
    const middle = (Math.min(99, Math.floor(score * 100)) + 0.5) / 100;
    const p = 1 / (1 + Math.exp(-(slope * Math.log(middle / (1 - middle)) + offset)));
    loss -= Math.log(matches ? p : 1 - p);
  }
  return loss;
}

test("property: the fit is the least of a slow reference's loss", () => {
  fc.assert(
    fc.property(some, (seen) => {
      const counts = countsOf(seen);
      const fit = fitScores(counts);
      const least = slowLoss(seen, fit);
      assert.ok(Math.abs(lossOf(counts, fit) - least) < 1e-6 * (1 + least));
      for (const [a, b] of [
        [1e-3, 0],
        [-1e-3, 0],
        [0, 1e-3],
        [0, -1e-3],
        [1e-3, 1e-3],
        [-1e-3, 1e-3],
      ])
        assert.ok(slowLoss(seen, { slope: fit.slope + a, offset: fit.offset + b }) >= least - 1e-9 * (1 + least));
    }),
  );
});

test("without detections a score is what it was; where all match, it rises, however many they are", () => {
  assert.deepEqual(fitScores(noCounts()), { slope: 1, offset: 0 });
  for (const score of [0.1, 0.5, 0.93]) assert.ok(Math.abs(calibrated(score, { slope: 1, offset: 0 }) - score) < 1e-12);
  for (const often of [1, 10, 1e6]) {
    const counts = noCounts();
    count(counts, 0.6, true);
    const fit = fitScores(counts.map((value) => value * often));
    assert.ok(calibrated(0.6, fit) > 0.6 && calibrated(0.6, fit) < 1, `${often}`);
  }
});

test("it finds the map that the matches were drawn from", () => {
  const random = new Random(1);
  const truth: ScoreMap = { slope: 0.7, offset: 1.2 };
  const seen = Array.from({ length: 20_000 }, () => {
    const score = (Math.floor(100 * random.uniform()) + 0.5) / 100;
    return [score, random.uniform() < calibrated(score, truth)] as const;
  });
  const fit = fitScores(countsOf(seen));
  assert.ok(Math.abs(fit.slope - truth.slope) < 0.05 && Math.abs(fit.offset - truth.offset) < 0.05, JSON.stringify(fit));
});

test("scores of 0 and 1 stay probabilities", () => {
  const fit = { slope: 3, offset: -1 };
  for (const score of [0, 1]) assert.ok(calibrated(score, fit) > 0 && calibrated(score, fit) < 1);
});
