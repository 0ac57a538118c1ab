// The measures together, each also by its own numbers: what they are made of is tested beside it.

import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { bestDetections } from "./best-detections.ts";
import { matchByDistance } from "./distance-matching.ts";
import { detectionAt, someDetections, someTruths, truthAt } from "./evaluation.fixture.ts";
import { evaluate } from "./evaluation.ts";
import { f1ByDistance } from "./f1-by-distance.ts";
import { type MeasuredImage, measure } from "./measures.ts";
import { atThreshold, chooseThreshold } from "./threshold.ts";

const images: MeasuredImage[] = [1, 2, 3].map((id) => ({ id, width: 500, height: 200 }));

test("measures agree with evaluate and each other, and survive JSON", () => {
  fc.assert(
    fc.property(someTruths, someDetections, (truths, detections) => {
      const measures = measure(truths, detections, { images });
      const { ap11, recall, bestF1, bestF1Score, truths: count } = evaluate(truths, detections);
      assert.deepEqual(
        [measures.ap11, measures.recall, measures.bestF1, measures.bestF1Score],
        [ap11, recall, bestF1, bestF1Score],
      );
      assert.deepEqual([measures.images, measures.truths, measures.detections], [3, count, detections.length]);
      assert.equal(
        measures.ap11AtHalf,
        evaluate(
          truths,
          detections.filter(({ score }) => score >= 0.5),
        ).ap11,
      );
      for (const at of measures.atScore) {
        const expected = evaluate(truths, detections, { score: at.score });
        assert.deepEqual(
          [at.recall, at.precision, at.f1, at.found, at.wrong],
          [expected.recall, expected.precision, expected.f1, expected.truePositives, expected.falsePositives],
        );
      }
      measures.byThreshold.forEach(([found, wrong], k) => {
        const { truePositives, falsePositives } = evaluate(truths, detections, { score: k / 100 });
        assert.deepEqual([found, wrong], [truePositives, falsePositives]);
      });
      assert.equal(measures.byThreshold.length, 101);
      // Scores are eighths, so thresholds of 0.01 part them as well as any.
      assert.equal(chooseThreshold(measures.byThreshold, count).f1, bestF1);
      assert.equal(
        measures.reliability.bins.reduce((sum, bin) => sum + bin.count, 0),
        measures.byThreshold[0][0] + measures.byThreshold[0][1],
      );
      assert.deepEqual(JSON.parse(JSON.stringify(measures)), measures);
    }),
    { numRuns: 100 },
  );
});

test("a perfect detector and an empty one", () => {
  const truths = [truthAt(10, 10), truthAt(50, 10), truthAt(10, 10, { imageId: 2 })];
  const perfect = measure(truths, truths.map((truth) => ({ ...truth, score: 1 })), { images }); // biome-ignore format: one line
  const { ap11, apVoc, apVoc11, apCoco, apCoco50, ap11AtHalf, recall, bestF1, froc, reliability, byDistance, atScore } = perfect;
  assert.deepEqual([ap11, apVoc, apVoc11, apCoco, apCoco50, ap11AtHalf, recall, bestF1, froc.mean], Array(9).fill(1));
  assert.deepEqual([reliability.ece, byDistance[0].f1AtHalf, byDistance[0].bestF1], [0, 1, 1]);
  assert.deepEqual(
    atScore.map(({ countError, countBias }) => [countError, countBias]),
    Array(4).fill([0, 0]),
  );

  const empty = measure([], [], { images: [] });
  assert.ok(!/NaN|null/.test(JSON.stringify({ ...empty, apCocoByArea: {}, maxDetections: 0 })));
  assert.deepEqual([empty.apCocoByArea, empty.maxDetections], [{ small: null, medium: null, large: null }, null]);
});

test("the limit on detections applies per image and category, and is reported", () => {
  const detections = [
    detectionAt(0, 0, 0.5),
    detectionAt(30, 0, 0.5),
    detectionAt(60, 0, 0.9),
    detectionAt(0, 0, 0.1, { imageId: 2 }),
  ];
  assert.deepEqual(bestDetections(detections, 2), [detections[0], detections[2], detections[3]]);
  assert.deepEqual(bestDetections([detectionAt(0, 0, 1), detectionAt(0, 0, 0, { categoryId: 2 })], 1).length, 2);
  const limited = measure([truthAt(0, 0), truthAt(30, 0)], detections, { images, maxDetections: 1 });
  assert.deepEqual([limited.maxDetections, limited.detections, limited.recall], [1, 2, 0]);
});

test("VOC's inclusive pixels and its rule are in apVoc only", () => {
  // 11 × 6 of 11 × 11 inclusive pixels are more than half, 10 × 5 of 10 × 10 just half.
  const half = { ...truthAt(5, 5), box: [0, 0, 10, 4.9] as const, score: 1 };
  const { ap11, apVoc, apVoc11, apCoco50 } = measure([truthAt(5, 5)], [half], { images });
  assert.deepEqual([ap11, apVoc, apVoc11, apCoco50], [0, 1, 1, 0]);
});

test("count error: mean over all images, without ignored cells and detections of them", () => {
  const truths = [truthAt(0, 0), truthAt(30, 0), truthAt(90, 0, { ignore: true }), truthAt(0, 0, { imageId: 2 })];
  const detections = [
    detectionAt(0, 0, 0.9),
    detectionAt(90, 0, 0.9),
    ...[0, 30, 60, 90].map((x) => detectionAt(x, 0, 0.4, { imageId: 2 })),
  ];
  const { atScore } = measure(truths, detections, { images });
  assert.deepEqual(
    atScore.map(({ score, countError, countBias }) => [score, countError, countBias]),
    [
      [0.05, 4 / 3, 2 / 3], // −1, +3, 0
      [0.3, 4 / 3, 2 / 3],
      [0.5, 2 / 3, -2 / 3], // −1, −1, 0
      [0.6, 2 / 3, -2 / 3],
    ],
  );
});

test("FROC: the best threshold with at most so many false positives", () => {
  // Over 2 images, falling: + - + - - + with the two before last at one score.
  const truths = [0, 30, 60, 90].map((x) => truthAt(x, 0));
  const marks: [number, number][] = [
    [0, 0.9],
    [200, 0.8],
    [30, 0.7],
    [230, 0.6],
    [260, 0.5],
    [60, 0.5],
  ];
  const two = [1, 2].map((id) => ({ id, width: 1000, height: 1000, mpp: 0.5 })); // 0.5 mm² together
  const { froc } = measure(
    truths,
    marks.map(([x, score]) => detectionAt(x, 0, score)),
    { images: two },
  );
  const at = (rate: number) => froc.points.find((point) => point.falsePositivesPerImage === rate)?.sensitivity;
  assert.deepEqual([0.25, 0.5, 1, 2, 32].map(at), [1 / 4, 2 / 4, 2 / 4, 3 / 4, 3 / 4]);
  assert.equal(froc.mean, (1 / 4 + 2 / 4 + 2 / 4 + 5 * (3 / 4)) / 8);
  assert.deepEqual(
    froc.perMm2?.points.map(({ falsePositivesPerMm2 }) => falsePositivesPerMm2),
    [10, 20, 50, 100, 200, 300],
  );
  assert.equal(froc.perMm2?.mean, 3 / 4, "10 per mm² are 5 on these images");
  assert.equal(measure(truths, [], { images: [...two, { id: 3, width: 9, height: 9 }] }).froc.perMm2, undefined);
});

test("reliability: bins by score, 1 in the last; the error is weighted by count", () => {
  const truths = [truthAt(0, 0), truthAt(30, 0)];
  const detections = [detectionAt(0, 0, 1), detectionAt(30, 0, 0.9), detectionAt(60, 0, 0.3), detectionAt(90, 0, 0.25)];
  const { bins, ece } = measure(truths, detections, { images }).reliability;
  assert.deepEqual(bins[9], { low: 0.9, high: 1, count: 2, meanScore: 0.95, precision: 1 });
  assert.deepEqual(bins[3], { low: 0.3, high: 0.4, count: 1, meanScore: 0.3, precision: 0 });
  assert.deepEqual(bins[0], { low: 0, high: 0.1, count: 0, meanScore: 0, precision: 0 });
  assert.ok(Math.abs(ece - (2 * 0.05 + 0.3 + 0.25) / 4) < 1e-12);
});

test("a threshold chosen on one fold is applied to another", () => {
  const validation = measure([truthAt(0, 0)], [detectionAt(0, 0, 0.345), detectionAt(60, 0, 0.3)], { images });
  const chosen = chooseThreshold(validation.byThreshold, validation.truths);
  assert.deepEqual(chosen, { threshold: 0.34, recall: 1, precision: 1, f1: 1, found: 1, wrong: 0 });
  const test = measure(
    [truthAt(0, 0), truthAt(30, 0)],
    [detectionAt(0, 0, 0.34), detectionAt(60, 0, 0.4), detectionAt(30, 0, 0.2)],
    { images },
  );
  assert.deepEqual(atThreshold(test.byThreshold, test.truths, chosen.threshold), {
    threshold: 0.34,
    recall: 1 / 2,
    precision: 1 / 2,
    f1: 1 / 2,
    found: 1,
    wrong: 1,
  });
  assert.throws(() => atThreshold(test.byThreshold, 2, 0.345), /expected one of 0, 0.01 … 1, got 0.345/);
  assert.throws(() => atThreshold(test.byThreshold, 2, 1.01), /got 1.01/);
  assert.equal(
    chooseThreshold(measure([truthAt(0, 0)], [], { images }).byThreshold, 1).threshold,
    1,
    "nothing found: the highest",
  );
});

test("by distance: microns where every image has them, pixels otherwise", () => {
  const truths = [truthAt(0, 0), truthAt(0, 0, { imageId: 2 })];
  const detections = [detectionAt(31, 0, 0.9), detectionAt(15.5, 0, 0.4, { imageId: 2 })]; // both 7.75 µm off
  const [fine, coarse] = [
    { id: 1, width: 99, height: 99, mpp: 0.25 },
    { id: 2, width: 99, height: 99, mpp: 0.5 },
  ];
  assert.deepEqual(measure(truths, detections, { images: [fine, coarse] }).byDistance, [
    { rule: "8 µm", radius: 24, f1AtHalf: 2 / 3, bestF1: 1, bestF1Score: 0.4 },
    { rule: "7.5 µm", radius: 22.5, f1AtHalf: 0, bestF1: 0, bestF1Score: 0 },
  ]);
  assert.deepEqual(measure(truths, detections, { images: [fine, { ...coarse, mpp: undefined }] }).byDistance, [
    { rule: "16 px", radius: 16, f1AtHalf: 0, bestF1: 1 / 2, bestF1Score: 0.4 },
  ]);
});

test("by distance: the best F1 is that of matching the detections above a threshold", () => {
  fc.assert(
    fc.property(someTruths, someDetections, fc.constantFrom("by-score", "by-truth", "maximum"), (truths, detections, rule) => {
      const [{ f1AtHalf, bestF1, bestF1Score }] = f1ByDistance(truths, detections, { images, rule });
      const f1From = (least: number) => {
        const counted = detections.filter(({ score }) => score >= least);
        const { truthOf } = matchByDistance(truths, counted, { radius: () => 16, rule });
        const found = truthOf.filter((t) => t !== -1 && !truths[t].ignore).length;
        const wrong = truthOf.filter((t) => t === -1).length;
        const cells = truths.filter(({ ignore }) => !ignore).length;
        return found === 0 ? 0 : (2 * found) / (found + wrong + cells);
      };
      assert.equal(f1AtHalf, f1From(0.5));
      assert.equal(bestF1, Math.max(...Array.from({ length: 9 }, (_, k) => f1From(k / 8))));
      if (bestF1 > 0) assert.equal(bestF1, f1From(bestF1Score));
    }),
    { numRuns: 200 },
  );
});

test("invalid input is refused", () => {
  const refused = (...[truths, detections]: [Parameters<typeof measure>[0], Parameters<typeof measure>[1]]) =>
    assert.throws.bind(null, () => measure(truths, detections, { images }));
  refused([truthAt(0, 0, { imageId: 9 })], [])(/truth 0 is on image 9, which is not among the images/);
  refused([], [detectionAt(0, 0, 0.5), detectionAt(0, 0, 0.5, { imageId: 9 })])(/detection 1 is on image 9/);
  for (const score of [-0.1, 1.1]) refused([], [detectionAt(0, 0, score)])(/scores in \[0, 1\], got .* of detection 0/);
  refused([], [detectionAt(0, 0, NaN)])(/finite numbers/);
  refused([truthAt(NaN, 0)], [])(/finite numbers/);
});
