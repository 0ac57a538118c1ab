// What every calibration promises, on random RoIs. A new one in index.ts is tested by this file without a change to it: with
// its defaults, and with every option by itself at other values.

import assert from "node:assert/strict";
import { describe, test } from "node:test";
import fc from "fast-check";
import { context, counting, softmax } from "./calibration.fixture.ts";
import {
  type AllProposals,
  type Calibrated,
  type Calibration,
  classesOf,
  type FoundCell,
  type Memory,
  type NamedArrays,
  type Rois,
  type StepContext,
  sumObserved,
} from "./calibration.ts";
import { calibrationNamed, methods } from "./index.ts";

/** Numbers that an option may have take what of these it reads; words and flags are found in the option's help. */
const otherValues = ["0", "0.3", "1", "3", "true", "false", "all", "sampled"];

const names = methods.flatMap(({ id, options }) => [
  id,
  ...Object.entries(options).flatMap(([key, option]) =>
    otherValues
      .filter((text) => option.read(text) !== undefined && option.read(text) !== option.default)
      .map((text) => `${id}:${key}=${text}`),
  ),
]);
const calibrations = [...names.map(calibrationNamed), counting];

/** R RoIs (0 … 16) of C classes (2 or 4) at places of their own, sampled from R and more proposals. */
const rois: fc.Arbitrary<Rois> = fc.constantFrom(2, 4).chain((classes) => {
  const number = (min: number, max: number) => fc.double({ min, max, noNaN: true });
  const box = fc.tuple(number(-100, 1000), number(-100, 1000), number(0.01, 300), number(0.01, 300)).map(corners);
  const one = fc.record({
    label: fc.integer({ min: 0, max: classes - 1 }),
    logits: fc.array(fc.oneof(number(-30, 30), fc.constantFrom(-200, 200)), { minLength: classes, maxLength: classes }),
    box: fc.oneof(box, fc.constant([40, 40, 50, 50])),
    proposal: box,
    overlap: fc.oneof(number(0, 1), fc.constant(0)),
    objectness: fc.oneof(number(0, 1), fc.constant(1)),
    certain: fc.boolean(),
  });
  const more = fc.array(fc.tuple(box, box), { maxLength: 8 });
  return fc
    .tuple(
      fc.uniqueArray(one, { maxLength: 16, selector: ({ proposal }) => String(proposal.map(Math.fround)) }),
      more,
      fc.tuple(number(1, 100), number(1, 100)),
    )
    .map(([list, others, standsFor]) => {
      const sampled = {
        boxes: Float32Array.from(list.flatMap(({ box }) => box)),
        proposals: Float32Array.from(list.flatMap(({ proposal }) => proposal)),
      };
      const all: AllProposals = {
        boxes: Float32Array.from([...others.flatMap(([box]) => box), ...sampled.boxes]),
        proposals: Float32Array.from([...others.flatMap(([, proposal]) => proposal), ...sampled.proposals]),
        rows: Int32Array.from(list.keys(), (r) => others.length + r),
      };
      return {
        ...sampled,
        labels: Int32Array.from(list, ({ label }) => label),
        probabilities: Float32Array.from(list.flatMap(({ logits }) => softmax(logits))),
        overlaps: Float32Array.from(list, ({ overlap }) => overlap),
        distances: Float32Array.from(list, ({ overlap }) => 2 / overlap),
        objectness: Float32Array.from(list, ({ objectness }) => objectness),
        certain: Uint8Array.from(list, ({ certain }) => Number(certain)),
        standsFor: Float32Array.from(list, ({ label }) => standsFor[Math.min(label, 1)]),
        all,
      };
    });
});
const found: fc.Arbitrary<FoundCell[]> = fc.array(
  fc.record({
    image: fc.integer({ min: 1, max: 3 }),
    label: fc.integer({ min: 1, max: 3 }),
    score: fc.double({ min: 0, max: 1, noNaN: true }),
    isMarked: fc.boolean(),
    distance: fc.double({ min: 0, noNaN: true }),
    weight: fc.integer({ min: 1, max: 3 }),
  }),
);
const progress = fc.double({ min: 0, max: 1, noNaN: true });
const seed = fc.nat();

const corners = ([x, y, w, h]: readonly number[]): number[] => [x, y, x + w, y + h];

/** The same places as anchors: two classes, cell or background. */
const anchorsOf = ({ all: _, ...rois }: Rois): Rois => {
  const classes = classesOf(rois);
  return {
    ...rois,
    labels: rois.labels.map((label) => Math.min(label, 1)),
    probabilities: Float32Array.from({ length: 2 * rois.labels.length }, (_, i) => {
      const background = rois.probabilities[classes * (i >> 1)];
      return i % 2 === 0 ? background : 1 - background;
    }),
  };
};

interface Answer {
  readonly rois: Calibrated;
  readonly anchors?: Calibrated;
}

/** All that a calibration says of an image. */
function answerOf(calibration: Calibration, input: Rois, part: number, seed: number): Answer {
  const state = calibration.memory?.initial(classesOf(input)) ?? {};
  const moment = (): StepContext => ({ ...context(part, seed), state });
  return {
    rois: calibration.calibrate(input, moment()),
    anchors: calibration.calibrateAnchors?.(anchorsOf(input), moment()),
  };
}

/** Rows `order` of an [R, …] array. */
function permuted<T extends Float32Array | Int32Array | Uint8Array>(rows: T, order: readonly number[]): T {
  const width = order.length === 0 ? 0 : rows.length / order.length;
  const result = rows.slice() as T;
  order.forEach((from, to) => result.set(rows.subarray(from * width, (from + 1) * width), to * width));
  return result;
}

const permutedRois = ({ all, ...input }: Rois, order: readonly number[]): Rois => ({
  labels: permuted(input.labels, order),
  probabilities: permuted(input.probabilities, order),
  boxes: permuted(input.boxes, order),
  proposals: permuted(input.proposals, order),
  overlaps: permuted(input.overlaps, order),
  distances: permuted(input.distances, order),
  objectness: permuted(input.objectness, order),
  certain: permuted(input.certain, order),
  standsFor: permuted(input.standsFor, order),
  all: all && { ...all, rows: permuted(all.rows, order) },
});

function assertSound(calibration: Calibration, input: Rois, part: number): void {
  const answer = answerOf(calibration, input, part, 1);
  assertSoundFor(answer.rois, input);
  if (answer.anchors) assertSoundFor(answer.anchors, anchorsOf(input));
}

function assertSoundFor({ distribution, classWeight, boxWeight }: Calibrated, input: Rois): void {
  const count = input.labels.length;
  assert.deepEqual([distribution.length, classWeight.length, boxWeight.length], [input.probabilities.length, count, count]);
  for (const weights of [classWeight, boxWeight])
    for (const weight of weights) assert.ok(Number.isFinite(weight) && weight >= 0, `weights ${weights}`);
  const classes = classesOf(input);
  for (let r = 0; r < count; r++) {
    const row = Array.from(distribution.subarray(r * classes, (r + 1) * classes));
    assert.ok(row.every(Number.isFinite), `targets ${row}`);
    const total = row.reduce((sum, value) => sum + value);
    assert.ok(Math.abs(total - 1) < 1e-5 * Math.max(...row.map(Math.abs), 1), `targets ${row}`);
  }
}

for (const calibration of calibrations)
  describe(`calibration ${calibration.name}`, () => {
    test("gives finite weights of at least 0, and targets that sum to 1", () => {
      fc.assert(fc.property(rois, progress, (input, part) => assertSound(calibration, input, part)));
    });

    test("does not change its input, and returns the same for the same input, whatever it was called with in between", () => {
      fc.assert(
        fc.property(rois, rois, progress, seed, (input, other, part, state) => {
          const before = structuredClone(input);
          const answer = structuredClone(answerOf(calibration, input, part, state));
          assert.deepEqual(input, before);
          answerOf(calibration, other, 1 - part, state);
          assert.deepEqual(answerOf(calibration, input, part, state), answer);
        }),
        { numRuns: 50 },
      );
    });

    test("does not depend on the order of RoIs", () => {
      const shuffled = rois.chain((input) => {
        const all = Array.from(input.labels.keys());
        return fc.tuple(fc.constant(input), fc.shuffledSubarray(all, { minLength: all.length }));
      });
      fc.assert(
        fc.property(shuffled, progress, seed, ([input, order], part, state) => {
          const answer = answerOf(calibration, input, part, state);
          const other = answerOf(calibration, permutedRois(input, order), part, state);
          for (const stage of ["rois", "anchors"] as const)
            for (const key of ["distribution", "classWeight", "boxWeight"] as const) {
              const expected = permuted(answer[stage]?.[key] ?? new Float32Array(), order);
              (other[stage]?.[key] ?? expected).forEach((value, i) =>
                assert.ok(Math.abs(value - expected[i]) <= 1e-5 * Math.max(1, Math.abs(expected[i])), `${stage}: ${key}`),
              );
            }
        }),
      );
    });

    test("handles one RoI, none, and all at one place", () => {
      const box = [10, 20, 30, 40];
      for (const count of [0, 1, 5])
        for (const label of [0, 1])
          for (const classes of [2, 4]) {
            const places = Float32Array.from(Array<number[]>(count).fill(box).flat());
            const input: Rois = {
              labels: new Int32Array(count).fill(label),
              probabilities: new Float32Array(classes * count).fill(1 / classes),
              boxes: places,
              proposals: places,
              overlaps: new Float32Array(count),
              distances: new Float32Array(count).fill(3),
              objectness: new Float32Array(count).fill(1),
              certain: new Uint8Array(count),
              standsFor: new Float32Array(count).fill(1),
              all: { boxes: places, proposals: places, rows: Int32Array.from({ length: count }, (_, r) => r) },
            };
            for (const part of [0, 0.5, 1]) assertSound(calibration, input, part);
          }
    });

    if (calibration.memory) testMemory(calibration, calibration.memory);

    if (calibration === counting) return; // has no name for the command line
    test("is found by its name", () => {
      const { name, label, needsAllProposals } = calibrationNamed(calibration.name);
      assert.deepEqual([name, label, needsAllProposals], [calibration.name, calibration.label, calibration.needsAllProposals]);
    });
  });

function testMemory(calibration: Calibration, memory: Memory): void {
  const ask = (input: Rois, part: number, state: NamedArrays): Calibrated =>
    calibration.calibrate(input, { ...context(part), state });

  test("changes its state only after a step or a look, into one of the same names and lengths, and asks it alone", () => {
    fc.assert(
      fc.property(fc.array(rois, { minLength: 1, maxLength: 4 }), progress, found, (images, part, cells) => {
        const state = memory.initial(4);
        const before = structuredClone(state);
        const answers = images.map((image) => ask(image, part, state));
        assert.deepEqual(state, before, "all images of a step see what it was before the step");
        const stepped = memory.next?.(state, sumObserved(answers.map(({ observed }) => observed))) ?? state;
        const next = memory.look?.(stepped, { cells, marks: cells.filter(({ isMarked }) => isMarked).length + 1 }) ?? stepped;
        assert.deepEqual(state, before);
        const lengths = (arrays: NamedArrays) => Object.entries(arrays).map(([name, values]) => [name, values.length]);
        assert.deepEqual(lengths(next), lengths(state));
        const restored = Object.fromEntries(Object.entries(next).map(([name, values]) => [name, Float64Array.from(values)]));
        images.forEach((image) => assert.deepEqual(ask(image, part, restored), ask(image, part, next)));
      }),
    );
  });
}

test("options are tested too", () => {
  for (const name of ["bde:boxes=all", "bde:regressed=false", "bde:rpn=true", "shuffled-energy:rpn=true", "ghm:bins=3"])
    assert.ok(names.includes(name), name);
});
