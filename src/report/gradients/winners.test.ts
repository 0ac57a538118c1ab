import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { madeUpGradients } from "../../runs/gradients.fixture.ts";
import { agreementOf } from "./agreement.ts";
import { blocksOf, isCompared, rateWinners, winnersWithin } from "./winners.ts";

const two = [
  { name: "fpn", label: "FPN" },
  { name: "bde", label: "FPN + BDE" },
];

test("winners, margins and agreement are those of a calculation by hand", () => {
  // [fold][layer] for each method
  const means: Record<string, number[][]> = {
    fpn: [
      [4, 1, 2, 3],
      [2, 3, 2, 3],
    ],
    bde: [
      [2, 2, 3, 3],
      [1, 1, 2, 3],
    ],
  };
  const gradients = madeUpGradients({
    methods: two,
    folds: [0, 1],
    mean: ({ method, fold }, layer) => means[method][fold as number][layer - 1],
  });
  const [{ keep, methods, missing, units, byUnit, winners }] = rateWinners(gradients);
  assert.deepEqual([keep, methods, missing, units], [1, [0, 1], [], 2]);
  assert.deepEqual(byUnit, [
    [1, 0, 0, null],
    [1, 1, null, null],
  ]);
  assert.deepEqual(winners, [
    { method: 1, mean: 1.5, margin: 0.5, agreeing: 2 }, // 1.5 against 3
    { method: 1, mean: 1.5, margin: 0.25, agreeing: 1 }, // 1.5 against 2, though fold 0 says FPN
    { method: 0, mean: 2, margin: 1 - 2 / 2.5, agreeing: 1 }, // a tie in fold 1
    null,
  ]);
  assert.deepEqual(blocksOf(gradients), [
    { name: "stem", first: 1, last: 1 },
    { name: "C2", first: 2, last: 3 },
    { name: "head", first: 4, last: 4 },
  ]);
});

test("only folds and seeds that all methods of a rate have are compared; what is missing is said", () => {
  const gradients = madeUpGradients({
    keeps: [1, "one-per-image", 0.1],
    folds: [0, 1],
    seeds: [0, 1],
    mean: ({ method, keep, fold, seed }, layer) => {
      if (keep === 1) return method === "bde" && fold === 1 ? null : 1 + (fold ?? 0) + (method === "fpn" ? 0 : layer);
      if (keep === "one-per-image") return method === "bde" ? 1 : null;
      return (method === "fpn") === (seed === 0) ? layer : null; // never the same unit
    },
  });
  const rates = rateWinners(gradients);
  assert.deepEqual(
    rates.map(({ keep, methods, missing, units }) => ({ keep, methods, missing, units })),
    [
      { keep: "one-per-image", methods: [3], missing: [0, 1, 2], units: 4 },
      { keep: 0.1, methods: [0, 1, 2, 3], missing: [], units: 0 },
      { keep: 1, methods: [0, 1, 2, 3], missing: [], units: 2 },
    ],
  );
  assert.deepEqual(rates.map(isCompared), [false, false, true]);
  for (const rate of rates.slice(0, 2)) assert.deepEqual(rate.winners, [null, null, null, null]);
  assert.deepEqual(rates[2].winners[1], { method: 0, mean: 1, margin: 1 - 1 / 3, agreeing: 2 });
  assert.equal(winnersWithin(rates, { first: 2, last: 3 }).length, 2, "rates without a comparison are left out");
});

test("a layer that the loss does not depend on has no winner", () => {
  const mean = ({ method }: { method: string }, layer: number) => (layer === 4 ? 0 : method.length);
  const [{ winners }] = rateWinners(madeUpGradients({ methods: two, mean }));
  assert.deepEqual(
    winners.map((winner) => winner?.method ?? null),
    [null, null, null, null],
  );
  const methods = [two[0], { name: "label-smoothing", label: "FPN + LS" }];
  const [{ winners: others }] = rateWinners(madeUpGradients({ methods, mean }));
  assert.deepEqual(
    others.map((winner) => winner?.method ?? null),
    [0, 0, 0, null],
  );
});

const unit = (...winners: (number | null)[]) => winners;

test("chance is what random names give: exact for two methods in two folds", () => {
  // The names of fold 1 stay, or are swapped: 3 layers agree, or 1; the fourth has no winner in fold 1.
  const agreement = agreementOf({ methods: [0, 3], byUnit: [unit(0, 0, 3, 3, 0), unit(0, 0, 3, 0, null)] });
  assert.ok(agreement);
  assert.deepEqual([agreement.layers, agreement.byChance], [3, 2]);
  assert.ok(Math.abs(agreement.p - 0.5) < 0.04, `${agreement.p}`);
  const always = agreementOf({ methods: [0, 3], byUnit: [unit(0, 3), unit(0, 0)] });
  assert.deepEqual(always, { layers: 1, byChance: 1, p: 1 });
});

test("one winner everywhere is no finding when it is one of two in two folds, but one in many", () => {
  const everywhere = (methods: number, units: number) =>
    agreementOf({
      methods: Array.from({ length: methods }, (_, i) => i),
      byUnit: Array.from({ length: units }, () => new Array<number>(80).fill(1)),
    })?.p as number;
  assert.ok(Math.abs(everywhere(2, 2) - 1 / 2) < 0.04);
  assert.ok(Math.abs(everywhere(4, 3) - 1 / 16) < 0.02);
  assert.ok(everywhere(4, 6) < 0.005);
});

test("agreement needs two folds and two methods; it does not depend on how methods are named or folds are ordered", () => {
  assert.equal(agreementOf({ methods: [0, 1], byUnit: [unit(0, 1)] }), null);
  assert.equal(agreementOf({ methods: [0], byUnit: [unit(null), unit(null)] }), null);
  assert.deepEqual(agreementOf({ methods: [0, 1], byUnit: [unit(null), unit(null)] }), { layers: 0, byChance: 0, p: 1 });
  const winners = fc.array(fc.array(fc.option(fc.nat(2)), { minLength: 6, maxLength: 6 }), { minLength: 2, maxLength: 4 });
  fc.assert(
    fc.property(winners, (byUnit) => {
      const plain = agreementOf({ methods: [0, 1, 2], byUnit });
      const renamed = agreementOf({
        methods: [4, 5, 6],
        byUnit: byUnit.map((winners) => winners.map((m) => (m === null ? m : m + 4))),
      });
      const turned = agreementOf({ methods: [0, 1, 2], byUnit: byUnit.toReversed() });
      assert.ok(plain && turned);
      assert.deepEqual(renamed, plain);
      assert.deepEqual([turned.layers, turned.byChance], [plain.layers, plain.byChance]);
      assert.ok(plain.p > 0 && plain.p <= 1 && plain.layers <= 6);
    }),
    { numRuns: 30 },
  );
});
