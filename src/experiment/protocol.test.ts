import assert from "node:assert/strict";
import { test } from "node:test";
import { unitId, unitText } from "../runs/grid.ts";
import { selectedUnits } from "./plan.ts";
import { unitsOf } from "./protocol.ts";
import { tinyProtocol } from "./run-grid.fixture.ts";

const protocol = tinyProtocol({ seeds: [0, 1], keeps: ["one-per-image", 1] });

test("every combination once; all of one fold before the next, all folds of one seed before the next", () => {
  const units = unitsOf(protocol);
  assert.equal(units.length, 2 * 2 * 2 * 2);
  assert.equal(new Set(units.map(unitId)).size, units.length);
  assert.deepEqual(
    units.slice(0, 5).map((unit) => [unit.seed, unit.fold, unit.keep, unit.method]),
    [
      [0, 0, "one-per-image", "fpn"],
      [0, 0, "one-per-image", "constant-weight:weight=1/2"],
      [0, 0, 1, "fpn"],
      [0, 0, 1, "constant-weight:weight=1/2"],
      [0, 1, "one-per-image", "fpn"],
    ],
  );
  assert.deepEqual(
    units.map(({ seed }) => seed),
    [...new Array(8).fill(0), ...new Array(8).fill(1)],
  );
});

test("a selection names folds, rates, methods and seeds, also such as the protocol has not", () => {
  assert.deepEqual(unitsOf(protocol, { folds: [1], keeps: [0.3], methods: ["bde"], seeds: [7] }), [
    { fold: 1, keep: 0.3, method: "bde", seed: 7 },
  ]);
});

test("units have their methods' names in full; what cannot be is said", () => {
  assert.deepEqual(selectedUnits(protocol, { folds: [0], keeps: [1], methods: ["constant-weight:weight=1/2"], seeds: [0] }), [
    { fold: 0, keep: 1, method: "constant-weight:weight=0.5", seed: 0 },
  ]);
  assert.throws(() => selectedUnits(protocol, { folds: [2] }), /^UserError: tiny: there is no fold 2; its folds are 0 to 1$/);
  assert.throws(() => selectedUnits(protocol, { methods: ["sgd"] }), /^UserError: unknown method "sgd"/);
  assert.throws(() => selectedUnits(tinyProtocol({ keeps: [1.5] }), {}), /^UserError: tiny: 1.5 is no rate/);
});

test("names of folders and names for people", () => {
  const unit = { fold: 0, keep: 0.1, method: "constant-weight:weight=0.5", seed: 3 } as const;
  assert.equal(unitId(unit), "fold0-keep0.1-constant-weight_weight=0.5-seed3");
  assert.equal(unitText(unit), "constant-weight:weight=0.5, fold 0, 10 %, seed 3");
  assert.equal(unitId({ ...unit, keep: "one-per-image" }), "fold0-one-per-image-constant-weight_weight=0.5-seed3");
});
