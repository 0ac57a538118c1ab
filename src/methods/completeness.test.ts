import assert from "node:assert/strict";
import { describe, test } from "node:test";
import fc from "fast-check";
import { logit, sigmoid, withOdds } from "../logistic.ts";
import { Random } from "../random.ts";
import { assertLearns, context, meanOf, type Roi, roi, roisOf, softmax, someRois } from "./calibration.fixture.ts";
import { type Found, type FoundCell, type Memory, type NamedArrays, uncalibrated } from "./calibration.ts";
import { cautious, completeness, sampledCompleteness, samplingRate, unlabelled } from "./completeness.ts";
import { completenessByDistance, completenessOf, distanceGroup, distanceGroups, scoreOdds } from "./completeness-estimate.ts";

const between = (min: number, max: number) => fc.double({ min, max, noNaN: true });
const part = between(0, 1);
const close = (actual: number, expected: number, tolerance: number, message = ""): void =>
  assert.ok(Math.abs(actual - expected) <= tolerance, `${message} ${actual} is not ${expected}`);

/** What the calibration remembers when it believes this of cells, and of each class. */
const believing = (...parts: number[]): NamedArrays => ({
  completeness: Float64Array.from(parts),
  interval: new Float64Array(2),
});

describe("the likelihood", () => {
  /** −log(c_k p_k) of a labelled RoI, −log p_0 beside a marked cell, −log(1 − Σ c_k p_k) of another. */
  const written = (c: (label: number) => number, beside: number) =>
    meanOf(({ label, p, overlap = 0 }) => {
      if (label === 0 && Math.fround(overlap) >= beside) return -Math.log(p[0]);
      const marked = p.reduce((sum, value, k) => (k === 0 ? sum : sum + c(k) * value), 0);
      return label > 0 ? -Math.log(c(label) * p[label]) : -Math.log(1 - marked);
    });

  test("is what a detector learns, of one class and of several", () => {
    for (const c of [0.1, 0.33, 0.9])
      assertLearns(
        completeness({ c, caution: 1, beside: 0.25 }),
        written(() => c, 0.25),
      );
    assertLearns(
      completeness({ c: 0.4, caution: 3, beside: 0.5 }),
      written(() => 0.4 / (0.4 + 3 * 0.6), 0.5),
    );
  });

  test("has another c for each class, as an option", () => {
    const method = completeness({ classes: "each", caution: 1, beside: 0.25 });
    const state = believing(0.5, 0.9, 0.2, 0.6);
    assertLearns(
      { ...method, calibrate: (rois, asked) => method.calibrate(rois, { ...asked, state }) },
      written((k) => state.completeness[k], 0.25),
    );
  });

  test("property: with one c, its gradient is that of the plain loss times c p_0 / (1 − c + c p_0)", () => {
    fc.assert(
      fc.property(fc.array(between(-6, 6), { minLength: 2, maxLength: 4 }), between(0.01, 1), (logits, c) => {
        const p = Float32Array.from(softmax(logits));
        const target = unlabelled(p, () => c);
        const weight = (c * p[0]) / (1 - c + c * p[0]);
        target.forEach((value, k) => close(p[k] - value, weight * (p[k] - (k === 0 ? 1 : 0)), 1e-6));
      }),
    );
  });

  test("at c = 1 is the plain loss, to the same bits, in both stages", () => {
    const plain = completeness({ c: 1 });
    fc.assert(
      fc.property(someRois, between(1, 50), (list, standsFor) => {
        const rois = roisOf(list.map((one) => ({ ...one, standsFor })));
        for (const ask of [plain.calibrate, plain.calibrateAnchors])
          assert.deepEqual(ask?.(rois, { ...context(), state: {} }), uncalibrated(rois));
      }),
    );
    assert.deepEqual([...unlabelled(Float32Array.of(0, 1), () => 1)], [1, 0], "even where the network is sure of a cell");
  });

  test("by hand: what an unlabelled RoI is", () => {
    const target = (...p: number[]) => [...unlabelled(Float32Array.from(p), () => 0.2)];
    assert.deepEqual(target(1, 0), [1, 0]);
    assert.deepEqual(target(0, 1), [0, 1], "a cell that is believed in is let be");
    target(0.5, 0.25, 0.25).forEach((value, k) => close(value, [0.5, 0.2, 0.2][k] / 0.9, 1e-6));
    const { distribution, classWeight } = completeness({ c: 0.2 }).calibrate(roisOf([roi(1, [0.5, 0.5])]), context());
    assert.deepEqual([...distribution, ...classWeight], [0, 1, 1], "a labelled one is its label");
  });

  test("beside a marked cell is the plain loss", () => {
    const list = [roi(0, [0.5, 0.5], { overlap: 0.25 }), roi(0, [0.5, 0.5], { overlap: 0.24 })];
    const background = (beside: number) => {
      const { distribution } = completeness({ c: 0.2, beside }).calibrate(roisOf(list), context());
      return [distribution[0], distribution[2]];
    };
    assert.equal(background(0.25)[0], 1);
    assert.ok(background(0.25)[1] < 0.6 && background(0.5)[0] < 0.6);
  });

  test("of anchors can be left out", () => {
    assert.equal(completeness({ rpn: false }).calibrateAnchors, undefined);
    assert.ok(completeness().calibrateAnchors);
  });
});

describe("the c to train with", () => {
  test("is that of the sample: MBM's anchors at 10 %", () => {
    // 48 marked anchors, all sampled; of 10,000 others, 400 of them on hidden cells, 208
    const rate = 10_000 / 208;
    close(sampledCompleteness(48 / 448, rate), 48 / (48 + 400 / rate), 1e-12);
    close(sampledCompleteness(48 / 448, rate), 0.85, 0.01);
  });

  test("property: drawing a sample leaves the part that the formula says", () => {
    fc.assert(
      fc.property(between(1, 1000), between(0, 1000), between(0.01, 1), between(0.01, 1), (marked, hidden, often, seldom) => {
        const c = marked / (marked + hidden);
        const drawn = (often * marked) / (often * marked + seldom * hidden);
        close(sampledCompleteness(c, often / seldom), drawn, 1e-9);
      }),
    );
  });

  test("the rate is what a sampled RoI stands for: 1 without either kind, or without any", () => {
    const rate = (list: readonly Roi[]) => samplingRate(roisOf(list));
    const [cell, other] = [roi(1, [0.5, 0.5], { standsFor: 2 }), roi(0, [0.5, 0.5], { standsFor: 8 })];
    assert.deepEqual([rate([cell, other]), rate([other]), rate([cell]), rate([])], [4, 8, 0.5, 1]);
  });

  test("property: caution lowers it, more where more is hidden; not at all at 1, nor below 0.1", () => {
    fc.assert(
      fc.property(part, between(1, 20), between(0, 0.5), (c, caution, half) => {
        const lowered = cautious(c, caution);
        assert.ok(lowered <= c + 1e-12 && lowered >= Math.min(c, 0.1));
        assert.equal(cautious(1, caution), 1);
        close(cautious(c, 1), c, 1e-12);
        assert.ok(cautious(half, 3) <= Math.max(half / 2, 0.1) + 1e-12, "by default at most half, up to one half");
        assert.ok(cautious(Math.min(1, c + 0.01), caution) >= lowered, "in order");
      }),
    );
    close(cautious(0.4, 3), 0.18, 0.01);
    close(cautious(0.99, 3), 0.97, 0.001);
  });
});

/** Cells of one image and class that each stand for themselves, by score and whether they are marked. */
const found = (marks: number, ...list: (readonly [score: number, isMarked: boolean, more?: Partial<FoundCell>])[]): Found => ({
  marks,
  cells: list.map(([score, isMarked, more]) => ({ image: 1, label: 1, score, isMarked, distance: 3, weight: 1, ...more })),
});

/**
 * What a detector finds in a world of `cells` cells, a part `c` of them marked at random, and as many places that are none: it finds
 * 19 in 20 cells, most with a higher score than other places; marked ones are scored no higher.
 */
function world(c: number, { cells = 2000, seed = 1, images = 20 } = {}): Found {
  const random = new Random(seed);
  const list = Array.from({ length: 2 * cells }, (_, k) => ({
    image: k % images,
    label: 1,
    score: 1 / (1 + Math.exp(-(random.normal() * 1.5 + (k < cells ? 3 : -1.5)))),
    isMarked: k < cells && random.uniform() < c,
    distance: 2,
    weight: 1,
  }));
  const marks = list.filter(({ isMarked }) => isMarked).length;
  return { marks, cells: list.filter((_, k) => k >= cells || random.uniform() < 0.95) };
}

describe("the estimate", () => {
  test("is within a quarter of the truth of 100 marks, within a tenth of 400", () => {
    for (const [c, error] of [
      [0.05, 0.25],
      [0.2, 0.1],
      [0.5, 0.1],
      [0.9, 0.1],
      [1, 0.1],
    ] as const)
      for (const seed of [1, 2, 3]) close((completenessOf(world(c, { seed }))?.part ?? 0) / c, 1, error, `${c}, seed ${seed}:`);
  });

  test("is too large once marks have been learned by heart, which is why it is held before", () => {
    const { marks, cells } = world(0.1);
    const learned = cells.map((cell) => (cell.isMarked ? { ...cell, score: 1 - 0.8 * (1 - cell.score) } : cell));
    const ratio = (completenessOf({ marks, cells: learned })?.part ?? 0) / 0.1;
    assert.ok(ratio > 1.1 && ratio < 2, `${ratio}`);
  });

  test("by hand: every mark is found among the best, and of these every other is marked", () => {
    const list = Array.from({ length: 11 }, (_, k) => [1 - k / 20, k < 10 && k % 2 === 0] as const);
    close(completenessOf(found(5, ...list))?.part ?? 0, 5 / 9, 1e-12);
  });

  test("needs three marks that are found", () => {
    assert.equal(completenessOf(found(2, [0.9, true], [0.8, true])), null);
    assert.equal(completenessOf(found(5)), null);
    assert.equal(completenessOf(found(3, [0.9, true], [0.8, true], [0.7, true]))?.part, 1);
  });

  test("counts a detection as often as what it stands for; cells of one score stand or fall together", () => {
    const weighted = found(3, [0.9, true], [0.9, true], [0.9, true], [0.9, false, { weight: 9 }]);
    assert.equal(completenessOf(weighted)?.part, 3 / 12);
  });

  test("property: does not depend on the order of the detections, nor on how scores are stretched", () => {
    fc.assert(
      fc.property(
        fc.array(fc.tuple(fc.integer({ min: 0, max: 30 }), fc.boolean()), { minLength: 3 }),
        fc.integer(),
        (list, seed) => {
          const cells = (scale: (score: number) => number) => list.map(([score, marked]) => [scale(score / 31), marked] as const);
          const marks = list.filter(([, marked]) => marked).length;
          const estimate = completenessOf(found(marks, ...cells((score) => score)));
          const shuffled = new Random(seed).shuffled(cells((score) => score ** 3));
          assert.deepEqual(completenessOf(found(marks, ...shuffled)), estimate);
          if (estimate) assert.ok(estimate.low <= estimate.part && estimate.part <= estimate.high);
        },
      ),
    );
  });

  test("has an interval that is wide where images differ", () => {
    const { marks, cells } = world(0.2);
    const width = (list: readonly FoundCell[]) => {
      const { low, high } = completenessOf({ marks, cells: list }) ?? { low: 0, high: 0 };
      return high - low;
    };
    const uneven = cells.map((cell) => (cell.isMarked ? { ...cell, image: cell.image % 4 } : cell));
    assert.ok(width(uneven) > 2 * width(cells) && width(cells) > 0);
  });
});

describe("how complete the cells are beside a mark and far from one", () => {
  /** Sixty images of 40 cells in a row, one side apart; `marked`: of an image, which of its cells. */
  function rows(marked: (image: number, random: Random) => (cell: number) => boolean, seed = 5): Found {
    const random = new Random(seed);
    const cells = Array.from({ length: 60 }, (_, image) => {
      const isMarked = Array.from({ length: 40 }, (_, k) => k).map(marked(image, random));
      return isMarked.map((mark, k) => {
        const others = isMarked.flatMap((other, j) => (other && j !== k ? Math.abs(j - k) : []));
        return { image, label: 1, score: random.uniform(), isMarked: mark, distance: Math.min(Infinity, ...others), weight: 1 };
      });
    }).flat();
    return { cells, marks: cells.filter(({ isMarked }) => isMarked).length };
  }

  test("marks at random: one c for all", () => {
    for (const part of [0.02, 0.1, 0.3, 0.8, 1])
      for (let seed = 1; seed <= 40; seed++) {
        const times = completenessByDistance(rows((_, random) => () => random.uniform() < part, seed));
        assert.ok(
          times.every((value) => value === 1),
          `${part}, seed ${seed}: ${times}`,
        );
      }
  });

  test("one end of each image, or every cell of some images: all beside a mark, none far away", () => {
    for (const kind of [() => (cell: number) => cell < 8, (image: number) => () => image < 12]) {
      const times = completenessByDistance(rows(kind));
      close(0.2 * times[0], 0.9, 0.1);
      assert.ok(times[distanceGroups - 1] < 0.3, `${times}`);
    }
  });

  test("one mark on each image, or marks far from each other, say nothing: never more complete where it is farther", () => {
    for (const kind of [() => (cell: number) => cell === 20, () => (cell: number) => cell % 20 === 5])
      for (const times of completenessByDistance(rows(kind))) close(times, 1, 1e-6);
  });

  test("property: it never rises, and is 1 where nothing is marked", () => {
    const cell = fc.record({
      score: part,
      isMarked: fc.boolean(),
      distance: between(0, 40),
      weight: fc.integer({ min: 1, max: 3 }),
    });
    fc.assert(
      fc.property(fc.array(cell, { minLength: 4 }), (list) => {
        const cells = list.map((one) => ({ ...one, image: 1, label: 1 }));
        const marks = cells.reduce((sum, { isMarked, weight }) => sum + (isMarked ? weight : 0), 0);
        const times = completenessByDistance({ cells, marks });
        assert.equal(times.length, distanceGroups);
        times.forEach((value, k) =>
          assert.ok(value >= 0 && Number.isFinite(value) && (k === 0 || value <= times[k - 1] + 1e-12)),
        );
        if (marks < 3) assert.ok(times.every((value) => value === 1));
      }),
    );
  });

  test("groups are half as wide again each, the last one without an end", () => {
    assert.deepEqual([0, 1.49, 1.5, 2.3, 17, 18, Infinity].map(distanceGroup), [0, 0, 1, 2, 6, 7, 7]);
  });

  test("the count of all cells is not that of those beside a mark, which score best", () => {
    const { cells, marks } = rows(() => (cell) => cell < 4);
    const learned = cells.map((cell) => ({ ...cell, score: cell.distance < 1.5 ? 0.4 + 0.6 * cell.score : 0.9 * cell.score }));
    const count = (times?: Float64Array) => completenessOf({ cells: learned, marks }, times)?.part ?? 0;
    close(count(), 0.8, 0.1);
    close(count(completenessByDistance({ cells: learned, marks })), 0.13, 0.04);
  });

  test("is what an unlabelled RoI is judged by, at most as complete", () => {
    const nearness = new Float64Array(distanceGroups).fill(0.5);
    nearness[0] = 4;
    const method = completeness({ caution: 1 });
    const answer = (distance: number, c: number, more: NamedArrays) => {
      const rois = roisOf([roi(0, [0.5, 0.5], { distance })]);
      return [...method.calibrate(rois, { ...context(), state: { ...believing(c, c), ...more } }).distribution];
    };
    assert.deepEqual(answer(1, 0.2, { nearness }), answer(1, 0.8, {}));
    assert.deepEqual(answer(9, 0.2, { nearness }), answer(9, 0.1, {}));
    assert.deepEqual(answer(1, 0.5, { nearness }), [1, 0]);
  });
});

describe("the factor of the scores", () => {
  const scores = ({ cells }: Found, factor: number) => cells.map(({ score }) => withOdds(score, factor));
  const sum = (list: readonly number[]) => list.reduce((total, value) => total + value, 0);

  test("makes the scores add up to the found marks over the part that is marked", () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 500 }), between(0.09, 0.11), (seed, part) => {
        const found = world(0.1, { cells: 200, seed });
        const marked = found.cells.filter(({ isMarked }) => isMarked).length;
        close(sum(scores(found, scoreOdds(found, part))), marked / part, 1e-6, `seed ${seed}:`);
      }),
      { numRuns: 50 },
    );
  });

  test("gives as many a score of 0.5 as there are cells, where faint detections would take up the sum", () => {
    const rare = Array.from({ length: 20 }, (_, k) => [0.4 + k / 100, k % 2 === 0] as const);
    const faint = Array.from({ length: 2000 }, () => [0.02, false] as const);
    const all = found(10, ...rare, ...faint);
    const shown = (factor: number) => scores(all, factor).filter((score) => score >= 0.5).length;
    assert.equal(shown(scoreOdds(all, 0.5)), 20);
    assert.equal(shown(scoreOdds(all, 1)), 10);
  });

  test("makes scores right that are right but for a factor of their odds", () => {
    const right = world(1);
    const truth = right.cells.map((cell) => ({ ...cell, score: sigmoid(2 * logit(cell.score) - 1.5) })); // of two normal distributions
    close(scoreOdds({ ...right, cells: truth }, 1), 1, 0.15);
    const wrong = truth.map((cell) => ({ ...cell, score: withOdds(cell.score, 5) }));
    close(scoreOdds({ ...right, cells: wrong }, 1), 1 / 5, 0.15 / 5);
  });

  test("is bounded, and counts what a detection stands for", () => {
    assert.ok(scoreOdds(found(1, [1e-9, true]), 0.1) <= 100.001, "too few scores");
    const { cells } = found(1, [0.9, true], [0.6, false]);
    const twice = cells.map((cell) => ({ ...cell, weight: 2 }));
    close(scoreOdds({ marks: 2, cells: twice }, 0.7), scoreOdds({ marks: 1, cells }, 0.7), 1e-9);
  });
});

describe("over a training", () => {
  const memoryOf = (options: Parameters<typeof completeness>[0] = {}) => completeness(options).memory as Memory;

  test("c is counted after one and two fifths, logged, and said at the end with its interval", () => {
    const memory = memoryOf();
    assert.deepEqual(memory.looks, [0.2, 0.4]);
    const first = memory.initial(2);
    assert.deepEqual(memory.report?.(first), { completeness: 0.1 });
    const state = memory.look?.(first, world(0.3)) ?? first;
    close(memory.report?.(state).completeness ?? 0, 0.3, 0.03);
    const { note, completeness: counted, scoreOdds } = memory.conclude?.(state, world(0.3)) ?? {};
    assert.match(note ?? "", /^about [23]\d % of the cells are marked \(\d+ to \d+\)$/);
    assert.equal(counted?.part, state.completeness[0]);
    assert.notEqual(scoreOdds, 1);
    assert.equal(memoryOf({ scale: false }).conclude?.(state, world(0.3)).scoreOdds, 1);
  });

  test("with nothing found the first belief stays, and it is said", () => {
    const memory = memoryOf();
    const nothing = found(20);
    const state = memory.look?.(memory.initial(2), nothing) ?? {};
    assert.deepEqual(state, memory.initial(2));
    assert.deepEqual(memory.conclude?.(state, nothing), {
      note: "too few marks were found to say how many of the cells are marked",
      scoreOdds: 1,
    });
  });

  test("a first count does not lower the belief; a second one does, and the interval holds what is believed", () => {
    const memory = memoryOf();
    const first = memory.look?.(memory.initial(2), world(0.04)) ?? {};
    assert.equal(first.completeness[0], 0.1);
    assert.ok(first.interval[0] < 0.05 && first.interval[1] === 0.1);
    const second = memory.look?.(first, world(0.04)) ?? {};
    close(second.completeness[0], 0.04, 0.012);
  });

  test("a given c is kept, and sets the scores; distances are counted all the same", () => {
    const memory = memoryOf({ c: 0.25 });
    assert.deepEqual(memory.looks, [0.2, 0.4]);
    const beside = world(0.5).cells.map((cell) => ({ ...cell, distance: cell.isMarked ? 1 : 9 }));
    const state = memory.look?.(memory.initial(2), { ...world(0.5), cells: beside }) ?? {};
    assert.ok(state.nearness[0] > 1 && state.nearness[5] < 1);
    const { note, scoreOdds: factor } = memory.conclude?.(state, world(0.5)) ?? {};
    assert.equal(note, "trained as told: about 25 % of the cells are marked");
    assert.equal(factor, scoreOdds(world(0.5), 0.25));
    const told = memoryOf({ c: 0.25, distance: false });
    assert.deepEqual([told.looks, told.look], [undefined, undefined]);
  });

  test("of each class it is drawn towards that of all where few are marked", () => {
    const [often, seldom] = [world(0.8), world(0.1, { seed: 2 })];
    const cells = [...often.cells, ...seldom.cells.map((cell) => ({ ...cell, label: 2 }))];
    const memory = memoryOf({ classes: "each" });
    const state = memory.look?.(memory.initial(4), { marks: often.marks + seldom.marks, cells }) ?? {};
    const [all, first, second, third] = state.completeness;
    close(first, 0.8, 0.08);
    close(second, 0.1, 0.04);
    assert.ok(second < all && all < first);
    close(third, all, 1e-12, "no mark of it:");
  });
});
