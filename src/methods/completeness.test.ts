import assert from "node:assert/strict";
import { describe, test } from "node:test";
import fc from "fast-check";
import { assertLearns, context, meanOf, type Roi, roi, roisOf, someRois } from "./calibration.fixture.ts";
import { type NamedArrays, type Rois, uncalibrated } from "./calibration.ts";
import { cautious, completeness, sampledCompleteness, samplingRate, unlabelledWeight } from "./completeness.ts";
import { estimateOf, intervalOf } from "./completeness-estimate.ts";

const between = (min: number, max: number) => fc.double({ min, max, noNaN: true });
const part = between(0, 1);
const close = (actual: number, expected: number, tolerance: number, message = ""): void =>
  assert.ok(Math.abs(actual - expected) <= tolerance, `${message} ${actual} is not ${expected}`);

describe("the likelihood", () => {
  /** −log(c p_k) of a labelled RoI, −log(1 − c p) of another; p the sum over the classes of cells. */
  const written = (c: number) =>
    meanOf(({ label, p }) => {
      const cell = p.slice(1).reduce((sum, value) => sum + value);
      return label > 0 ? -Math.log(c * p[label]) : -Math.log(1 - c * cell);
    });

  test("is what a detector learns, of one class and of several", () => {
    for (const c of [0.1, 0.33, 0.9]) assertLearns(completeness({ c, caution: 1 }), written(c));
    assertLearns(completeness({ c: 0.4, caution: 3 }), written(0.4 / (0.4 + 3 * 0.6)));
  });

  test("property: in float64 its derivative is that of the plain loss times the weight", () => {
    fc.assert(
      fc.property(between(-6, 6), between(0.01, 1), (z, c) => {
        const loss = (logit: number): number => -Math.log(1 - c / (1 + Math.exp(-logit)));
        const step = 1e-5;
        const slope = (loss(z + step) - loss(z - step)) / (2 * step);
        const p = 1 / (1 + Math.exp(-z));
        close(unlabelledWeight(1 - p, c) * p, slope, 1e-6 * (1 + slope));
      }),
    );
  });

  test("at c = 1 is the plain loss, to the same bits, in both stages", () => {
    const plain = completeness({ c: 1 });
    fc.assert(
      fc.property(someRois, between(1, 50), (list, standsFor) => {
        const rois = roisOf(list.map((one) => ({ ...one, standsFor })));
        for (const ask of [plain.calibrate, plain.calibrateAnchors]) {
          const { observed: _, ...answer } = ask?.(rois, { ...context(), state: {} }) ?? {};
          assert.deepEqual(answer, uncalibrated(rois));
        }
      }),
    );
    assert.equal(unlabelledWeight(0, 1), 1, "even where the network is sure of a cell");
  });

  test("by hand: unsure background weighs c, a cell that is believed in nothing, a labelled RoI 1", () => {
    const list = [roi(0, [1, 0]), roi(0, [0.5, 0.5]), roi(0, [0, 1]), roi(1, [0.5, 0.5])];
    const { classWeight, boxWeight } = completeness({ c: 0.2, caution: 1 }).calibrate(roisOf(list), context());
    classWeight.forEach((weight, r) => close(weight, [0.2, 0.1 / 0.9, 0, 1][r], 1e-6));
    assert.deepEqual(Array.from(boxWeight), [1, 1, 1, 1]);
  });

  test("beside a marked cell is the plain loss, as an option", () => {
    const list = [roi(0, [0.5, 0.5], { overlap: 0.1 }), roi(0, [0.5, 0.5], { overlap: 0.09 })];
    const weights = (beside: boolean) => completeness({ c: 0.2, beside }).calibrate(roisOf(list), context()).classWeight;
    assert.equal(weights(true)[0], 1);
    assert.ok(weights(true)[1] < 0.2 && weights(false)[0] < 0.2);
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

describe("the estimate", () => {
  /**
   * A world where cells and background can be told apart: 20 cells, `truth` of them labelled, and 10 places without a cell. The
   * network has learned, under the c that it was trained with, the part of such places that is labelled.
   */
  function estimated({ truth, start, caution, steps = 3000 }: { truth: number; start: number; caution: number; steps?: number }) {
    const calibration = completeness({ caution });
    const memory = calibration.memory as NonNullable<typeof calibration.memory>;
    let state: NamedArrays = { ...memory.initial(), counts: Float64Array.of(20, 20 * start, 20 * (1 - start), 0, 0, 0) };
    for (let step = 0; step < steps; step++) {
      const trained = cautious(estimateOf(state), caution);
      const p = Math.min(1, truth / trained);
      const cells = Array.from({ length: 20 }, (_, i) => roi(i < Math.round(20 * truth) ? 1 : 0, [1 - p, p]));
      const rois = roisOf([...cells, ...Array<Roi>(10).fill(roi(0, [1, 0]))]);
      const { observed = {} } = calibration.calibrate(rois, { ...context(0), state });
      state = memory.next(state, observed);
    }
    return { state, estimate: estimateOf(state) };
  }

  test("comes to the truth from above and from below", () => {
    for (const truth of [0.1, 0.35, 0.8, 1])
      for (const start of [0.1, 0.6]) close(estimated({ truth, start, caution: 3 }).estimate, truth, 0.03, `from ${start}:`);
  });

  test("without caution keeps what it began with, were it too large: the trap", () => {
    close(estimated({ truth: 0.35, start: 0.9, caution: 1 }).estimate, 0.9, 0.02);
  });

  test("is that of cells, where few of the others are sampled", () => {
    // 10 marked, all sampled; of 1,000 others 90 hidden cells, of which a tenth is sampled
    const marked = Array<Roi>(10).fill(roi(1, [0, 1]));
    const hidden = Array<Roi>(9).fill(roi(0, [0, 1], { standsFor: 10 }));
    const background = Array<Roi>(91).fill(roi(0, [1, 0], { standsFor: 10 }));
    const { estimate } = after(100, roisOf([...marked, ...hidden, ...background]));
    close(estimate, 0.1, 1e-6);
  });

  /** After so many steps on the same image. */
  function after(steps: number, rois: Rois, progress = 0): { state: NamedArrays; estimate: number } {
    const calibration = completeness();
    const memory = calibration.memory as NonNullable<typeof calibration.memory>;
    let state = memory.initial();
    for (let step = 0; step < steps; step++)
      state = memory.next(state, calibration.calibrate(rois, { ...context(progress), state }).observed ?? {});
    return { state, estimate: estimateOf(state) };
  }

  test("is held after a fifth of the training", () => {
    const rois = roisOf([roi(1, [0.5, 0.5]), roi(0, [0.2, 0.8])]);
    assert.notEqual(after(5, rois, 0.19).estimate, 0.1);
    assert.equal(after(5, rois, 0.2).estimate, 0.1);
    assert.equal(after(5, rois, 0.2).state.shifts[0], 5, "the shift of the scores is still followed");
  });

  test("leaves out labels that are certain, annotated boxes among the proposals, and background beside cells", () => {
    const counted = [roi(1, [0.1, 0.9], { overlap: 0.8 }), roi(0, [0.2, 0.8])];
    const others = [
      roi(1, [0.1, 0.9], { overlap: 1 }),
      roi(1, [0.1, 0.9], { overlap: 0.8, certain: true }),
      roi(0, [0.1, 0.9], { certain: true }),
      roi(0, [0.1, 0.9], { overlap: 0.2 }),
    ];
    const [some, all] = [after(1, roisOf(counted)), after(1, roisOf([...counted, ...others]))];
    assert.deepEqual(all.state.counts, some.state.counts);
    const upon = after(1, roisOf([...counted, roi(0, [0.1, 0.9], { overlap: 0.3 })]));
    assert.ok(upon.state.counts[1] > 1.9 * some.state.counts[1] && upon.state.counts[2] === some.state.counts[2]);
  });

  test("has an interval that holds it, and that is wide where images differ", () => {
    const image = (marked: number, hidden: number): Rois =>
      roisOf([...Array<Roi>(marked).fill(roi(1, [0, 1])), ...Array<Roi>(hidden).fill(roi(0, [0, 1]))]);
    const calibration = completeness();
    const memory = calibration.memory as NonNullable<typeof calibration.memory>;
    const over = (images: readonly Rois[]) => {
      let state = memory.initial();
      for (let step = 0; step < 200; step++) {
        const { observed = {} } = calibration.calibrate(images[step % images.length], { ...context(0), state });
        state = memory.next(state, observed);
      }
      const [low, high] = intervalOf(state);
      const estimate = estimateOf(state);
      assert.ok(low <= estimate && estimate <= high);
      return high - low;
    };
    const [even, uneven] = [over([image(2, 18)]), over([image(0, 20), image(4, 16)])];
    assert.ok(even < 1e-6 && uneven > 0.03 && uneven < 0.1, `${even}, ${uneven}`);
  });

  test("is said at the end, with the factor that makes scores probabilities", () => {
    const world = estimated({ truth: 0.1, start: 0.1, caution: 3 });
    const { memory } = completeness();
    assert.deepEqual(memory?.report?.(world.state), { completeness: world.estimate });
    const { note, scoreOdds } = memory?.conclude?.(world.state) ?? {};
    assert.match(note ?? "", /^about 10 % of the cells are marked \(\d+ to \d+\)$/);
    close(scoreOdds ?? 0, 1, 0.05); // caution stops at 0.1
    close(completeness({ scale: false }).memory?.conclude?.(world.state).scoreOdds ?? 0, 1, 0);
    const third = estimated({ truth: 0.33, start: 0.33, caution: 3 });
    close(memory?.conclude?.(third.state).scoreOdds ?? 0, cautious(0.33, 3) / 0.33, 0.02);
    const all = estimated({ truth: 1, start: 0.1, caution: 3 });
    close(memory?.conclude?.(all.state).scoreOdds ?? 0, 1, 0.02);
  });
});
