// RoIs for the tests of calibrations, and the slow reference: a published loss on logits, differentiated numerically.

import assert from "node:assert/strict";
import fc from "fast-check";
import { Random } from "../random.ts";
import {
  type AllProposals,
  type Calibrated,
  type Calibration,
  type Rois,
  type StepContext,
  uncalibrated,
} from "./calibration.ts";

/** What is not given is a box of its own, no overlap, no annotated box anywhere, objectness ½, a label that may be wrong, and nothing left out of the sample. */
export interface Roi {
  readonly label: number;
  /** [C]: of the softmax. */
  readonly logits: readonly number[];
  readonly box?: readonly number[];
  readonly proposal?: readonly number[];
  readonly overlap?: number;
  readonly distance?: number;
  readonly objectness?: number;
  readonly certain?: boolean;
  readonly standsFor?: number;
}

export const context = (progress = 0, seed = 1): StepContext => ({ progress, random: new Random(seed), state: {} });

export function softmax(logits: readonly number[]): number[] {
  const largest = Math.max(...logits);
  const exponentials = logits.map((z) => Math.exp(z - largest));
  const total = exponentials.reduce((sum, value) => sum + value);
  return exponentials.map((value) => value / total);
}

export function roisOf(list: readonly Roi[], all?: AllProposals): Rois {
  const place = (r: number): number[] => [10 * r, 0, 10 * r + 8, 8];
  return {
    labels: Int32Array.from(list, ({ label }) => label),
    probabilities: Float32Array.from(list.flatMap(({ logits }) => softmax(logits))),
    boxes: Float32Array.from(list.flatMap(({ box }, r) => box ?? place(r))),
    proposals: Float32Array.from(list.flatMap(({ proposal }, r) => proposal ?? place(r))),
    overlaps: Float32Array.from(list, ({ overlap = 0 }) => overlap),
    distances: Float32Array.from(list, ({ distance = Infinity }) => distance),
    objectness: Float32Array.from(list, ({ objectness = 0.5 }) => objectness),
    certain: Uint8Array.from(list, ({ certain }) => (certain ? 1 : 0)),
    standsFor: Float32Array.from(list, ({ standsFor = 1 }) => standsFor),
    all,
  };
}

/** An RoI of these class probabilities. */
export const roi = (label: number, probabilities: readonly number[], more: Partial<Roi> = {}): Roi => ({
  label,
  logits: probabilities.map(Math.log),
  ...more,
});

/** At most 8 RoIs of 2 or 4 classes, sure and unsure ones. */
export const someRois: fc.Arbitrary<Roi[]> = fc.constantFrom(2, 4).chain((classes) => {
  const number = (min: number, max: number) => fc.double({ min, max, noNaN: true });
  const one = fc.record({
    label: fc.integer({ min: 0, max: classes - 1 }),
    logits: fc.array(number(-5, 5), { minLength: classes, maxLength: classes }),
    overlap: number(0, 0.5),
    objectness: number(0, 1),
  });
  return fc.array(one, { minLength: 1, maxLength: 8 });
});

/** A loss as it is published: of all RoIs of an image together, by their class probabilities. */
export type PublishedLoss = (rois: readonly (Roi & { readonly p: readonly number[] })[]) => number;

/**
 * weight · (p − target), what a detector learns from a calibration, is R · ∂L/∂z of the published loss. `smooth` says whether
 * L has a derivative there.
 */
export function assertLearns(
  calibration: Calibration,
  loss: PublishedLoss,
  smooth: PublishedLossCondition = () => true,
  { progress = 0.5 } = {},
): void {
  fc.assert(
    fc.property(someRois, (list) => {
      fc.pre(smooth(withProbabilities(list)));
      const { distribution, classWeight } = calibration.calibrate(roisOf(list), context(progress));
      const step = 1e-5;
      list.forEach(({ logits }, r) => {
        const p = softmax(logits);
        logits.forEach((_, c) => {
          const moved = (by: number): number =>
            loss(withProbabilities(list.with(r, { ...list[r], logits: logits.with(c, logits[c] + by) })));
          const expected = (list.length * (moved(step) - moved(-step))) / (2 * step);
          const actual = classWeight[r] * (p[c] - distribution[r * p.length + c]);
          assert.ok(
            Math.abs(actual - expected) < 2e-5 * (1 + Math.abs(expected)),
            `RoI ${r}, class ${c}: ${actual} is not ${expected}`,
          );
        });
      });
    }),
  );
}
type PublishedLossCondition = (...rois: Parameters<PublishedLoss>) => boolean;

const withProbabilities = (list: readonly Roi[]): Parameters<PublishedLoss>[0] =>
  list.map((one) => ({ ...one, p: softmax(one.logits) }));

/** Σ of a loss of each RoI by itself, over R. */
export const meanOf =
  (loss: (...one: [Parameters<PublishedLoss>[0][number]]) => number): PublishedLoss =>
  (rois) =>
    rois.reduce((sum, one) => sum + loss(one), 0) / rois.length;

export function assertClose(actual: ArrayLike<number>, expected: readonly number[], tolerance = 1e-6): void {
  assert.equal(actual.length, expected.length);
  expected.forEach((value, i) => assert.ok(Math.abs(actual[i] - value) <= tolerance, `${i}: ${actual[i]} is not ${value}`));
}

/** Row r of the targets. */
export const targetOf = ({ distribution, classWeight }: Calibrated, r: number): Float32Array => {
  const classes = distribution.length / classWeight.length;
  return distribution.subarray(r * classes, (r + 1) * classes);
};

/**
 * A calibration with a memory, for tests: background weighs the share of annotated RoIs among all that it has seen before this
 * step, ½ at first.
 */
export const counting: Calibration = {
  name: "counting",
  label: "counting",
  calibrate(rois, { state }) {
    const weight = state.counts[0] / state.counts[1];
    return {
      ...uncalibrated(rois),
      classWeight: Float32Array.from(rois.labels, (label) => (label === 0 ? weight : 1)),
      observed: { counts: Float64Array.of(rois.labels.filter((label) => label > 0).length, rois.labels.length) },
    };
  },
  memory: {
    initial: () => ({ counts: Float64Array.of(1, 2) }),
    next: ({ counts }, observed) => ({ counts: counts.map((count, i) => 0.9 * count + observed.counts[i]) }),
  },
};
