import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import type { Box } from "../geometry/box.ts";
import { evaluate } from "./evaluation.ts";
import { findings } from "./findings.ts";
import type { Detection, Truth } from "./matching.ts";

/** Box number n of a row of boxes that do not touch. */
const at = (n: number): Box => [20 * n, 0, 20 * n + 10, 10];
const truth = (n: number, more: Partial<Truth> = {}): Truth => ({ imageId: 1, categoryId: 1, box: at(n), ...more });
const detection = (n: number, score: number, more: Partial<Detection> = {}): Detection => ({
  imageId: 1,
  categoryId: 1,
  box: at(n),
  score,
  ...more,
});

const place = {
  imageId: fc.integer({ min: 1, max: 3 }),
  categoryId: fc.integer({ min: 1, max: 2 }),
  box: fc.nat({ max: 9 }).map(at),
};
const truthsArbitrary = fc.array(fc.record({ ...place, ignore: fc.constantFrom(false, false, false, true) }), { maxLength: 30 });
const detectionsArbitrary = fc.array(fc.record({ ...place, score: fc.integer({ min: 0, max: 8 }).map((n) => n / 8) }), {
  maxLength: 30,
});

test("by hand: four cells, five detections", () => {
  const truths = [0, 1, 2, 3].map((n) => truth(n));
  const detections = [detection(0, 0.9), detection(7, 0.8), detection(1, 0.7), detection(1, 0.6), detection(2, 0.5)]; // + - + - +
  assert.deepEqual(evaluate(truths, detections), {
    ap11: (1 * 3 + (2 / 3) * 3 + (3 / 5) * 2) / 11, // recall 0.25, 0.5, 0.75
    recall: 3 / 4,
    precision: 3 / 5,
    f1: 6 / 9,
    bestF1: 6 / 9,
    bestF1Score: 0.5,
    truths: 4,
    detections: 5,
    truePositives: 3,
    falsePositives: 2,
    falseNegatives: 1,
    images: 1,
    perCategory: [
      {
        categoryId: 1,
        ap11: (1 * 3 + (2 / 3) * 3 + (3 / 5) * 2) / 11,
        recall: 3 / 4,
        precision: 3 / 5,
        f1: 6 / 9,
        bestF1: 6 / 9,
        bestF1Score: 0.5,
        truths: 4,
        detections: 5,
        truePositives: 3,
        falsePositives: 2,
        falseNegatives: 1,
      },
    ],
  });
  const { recall, precision, f1, truePositives, falsePositives, falseNegatives } = evaluate(truths, detections, { score: 0.7 });
  assert.deepEqual(
    { recall, precision, f1, truePositives, falsePositives, falseNegatives },
    {
      recall: 2 / 4,
      precision: 2 / 3,
      f1: 4 / 7,
      truePositives: 2,
      falsePositives: 1,
      falseNegatives: 2,
    },
  );
  assert.equal(evaluate(truths, detections, { score: 0.95 }).precision, 0);
});

test("the best F1 is only at thresholds between different scores", () => {
  // Between the two at 0.5 F1 would be 1; no threshold parts them.
  const { bestF1, bestF1Score } = evaluate([truth(0)], [detection(0, 0.5), detection(1, 0.5)]);
  assert.deepEqual([bestF1, bestF1Score], [2 / 3, 0.5]);
  assert.equal(evaluate([truth(0)], [detection(0, 0.5), detection(1, 0.4)]).bestF1, 1);
});

test("no truths or no detections give 0, never NaN", () => {
  const zero = { ap11: 0, recall: 0, precision: 0, f1: 0, bestF1: 0, bestF1Score: 0, truePositives: 0 };
  for (const [truths, detections] of [
    [[], []],
    [[truth(0)], []],
    [[], [detection(0, 1)]],
    [[truth(0)], [detection(1, 1)]],
    [[truth(0, { ignore: true })], []],
  ] as [Truth[], Detection[]][]) {
    const {
      images,
      perCategory,
      truths: _,
      detections: __,
      falsePositives,
      falseNegatives,
      ...rest
    } = evaluate(truths, detections);
    assert.deepEqual(rest, zero);
    assert.deepEqual([falsePositives, falseNegatives], [detections.length, truths.filter((t) => !t.ignore).length]);
  }
  assert.deepEqual(evaluate([], []).perCategory, []);
});

test("images are those with a truth or a detection, or the given number", () => {
  const [truths, detections] = [[truth(0), truth(1), truth(0, { imageId: 4 })], [detection(0, 1, { imageId: 9 })]];
  assert.equal(evaluate(truths, detections).images, 3);
  assert.equal(evaluate(truths, detections, { images: 20 }).images, 20);
});

test("several categories: the mean AP of those with truths, counts pooled", () => {
  const truths = [truth(0), truth(1), truth(0, { categoryId: 5 })];
  const detections = [detection(0, 0.9), detection(0, 0.8, { categoryId: 5 }), detection(3, 0.7, { categoryId: 8 })];
  const { ap11, recall, precision, perCategory } = evaluate(truths, detections);
  assert.deepEqual(
    perCategory.map((c) => [c.categoryId, c.ap11, c.recall, c.precision, c.truths, c.detections]),
    [
      [1, 6 / 11, 0.5, 1, 2, 1],
      [5, 1, 1, 1, 1, 1],
      [8, 0, 0, 0, 0, 1],
    ],
  );
  assert.deepEqual([ap11, recall, precision], [(6 / 11 + 1) / 2, 2 / 3, 2 / 3]);
});

test("a detection matched with an ignored truth is neither right nor wrong", () => {
  const result = evaluate(
    [truth(0), truth(1, { ignore: true }), truth(2, { ignore: true })],
    [detection(1, 0.9), detection(1, 0.8), detection(0, 0.7)],
  );
  const { ap11, recall, precision, bestF1, truths, detections, truePositives, falsePositives, falseNegatives } = result;
  assert.deepEqual([ap11, recall, precision, bestF1], [1, 1, 1, 1]);
  assert.deepEqual([truths, detections, truePositives, falsePositives, falseNegatives], [1, 3, 1, 0, 0]);
});

test("perfect detections score 1 everywhere", () => {
  fc.assert(
    fc.property(fc.array(fc.record(place), { minLength: 1 }), fc.nat(), (truths, seed) => {
      const { ap11, recall, precision, f1, bestF1 } = evaluate(
        truths,
        truths.map((t, i) => ({ ...t, score: ((i * seed) % 7) / 7 })),
      );
      assert.deepEqual({ ap11, recall, precision, f1, bestF1 }, { ap11: 1, recall: 1, precision: 1, f1: 1, bestF1: 1 });
    }),
  );
});

test("a score threshold acts as if lower detections were absent; the best F1 is the best of all thresholds", () => {
  fc.assert(
    fc.property(truthsArbitrary, detectionsArbitrary, (truths, detections) => {
      const whole = evaluate(truths, detections);
      let best = { f1: 0, score: 0 };
      for (let score = 9 / 8; score >= 0; score -= 1 / 8) {
        const cut = evaluate(truths, detections, { score });
        const alone = evaluate(
          truths,
          detections.filter((d) => d.score >= score),
        );
        for (const key of ["recall", "precision", "f1", "truePositives", "falsePositives", "falseNegatives"] as const)
          assert.equal(cut[key], alone[key]);
        assert.deepEqual([cut.ap11, cut.bestF1], [whole.ap11, whole.bestF1]);
        assert.equal(cut.truePositives + cut.falseNegatives, cut.truths);
        const harmonic = cut.recall === 0 ? 0 : 2 / (1 / cut.recall + 1 / cut.precision);
        assert.ok(Math.abs(cut.f1 - harmonic) < 1e-12);
        if (cut.f1 > best.f1) best = { f1: cut.f1, score };
      }
      assert.deepEqual([whole.bestF1, whole.bestF1Score], [best.f1, best.score]);
    }),
  );
});

test("only the order of scores matters", () => {
  fc.assert(
    fc.property(truthsArbitrary, detectionsArbitrary, (truths, detections) => {
      const { bestF1Score: _, perCategory: __, ...before } = evaluate(truths, detections);
      const {
        bestF1Score: ___,
        perCategory: ____,
        ...after
      } = evaluate(
        truths,
        detections.map((d) => ({ ...d, score: Math.exp(5 * d.score) - 70 })),
      );
      assert.deepEqual(after, before);
    }),
  );
});

test("a wrong detection below all others lowers precision and nothing else", () => {
  fc.assert(
    fc.property(truthsArbitrary, detectionsArbitrary, (truths, detections) => {
      const before = evaluate(truths, detections);
      const after = evaluate(truths, [...detections, detection(50, -1)]);
      assert.deepEqual([after.ap11, after.recall, after.bestF1], [before.ap11, before.recall, before.bestF1]);
      assert.ok(after.precision < before.precision || before.precision === 0);
      assert.equal(after.falsePositives, before.falsePositives + 1);
    }),
  );
});

test("findings are the same objects in the same numbers", () => {
  fc.assert(
    fc.property(truthsArbitrary, detectionsArbitrary, fc.constantFrom(0, 0.5, 1), (truths, detections, score) => {
      const lists = [1, 2, 3].map((imageId) => findings(truths, detections, { imageId, score }));
      const { truePositives, falsePositives, falseNegatives } = evaluate(truths, detections, { score });
      const count = (list: "found" | "wrong" | "missed") => lists.reduce((sum, image) => sum + image[list].length, 0);
      assert.deepEqual([count("found"), count("wrong"), count("missed")], [truePositives, falsePositives, falseNegatives]);
      for (const { found, missed, wrong } of lists) {
        const seen = [...found.map((pair) => pair.truth), ...missed];
        assert.ok(seen.every((t) => truths.includes(t)) && new Set(seen).size === seen.length);
        assert.ok([...wrong, ...found.map((pair) => pair.detection)].every((d) => detections.includes(d) && d.score >= score));
      }
    }),
  );
});

test("findings by hand", () => {
  const truths = [truth(0), truth(1), truth(2, { ignore: true }), truth(0, { imageId: 2 })];
  const detections = [detection(5, 0.6), detection(0, 0.7), detection(2, 0.9), detection(6, 0.8), detection(1, 0.4)];
  assert.deepEqual(findings(truths, detections, { imageId: 1 }), {
    found: [{ truth: truths[0], detection: detections[1] }],
    missed: [truths[1]],
    wrong: [detections[3], detections[0]],
  });
  assert.deepEqual(findings(truths, detections, { imageId: 7 }), { found: [], missed: [], wrong: [] });
});
