import assert from "node:assert/strict";
import { test } from "node:test";
import { type PaperMetric, paperDrop, paperValue } from "./paper-tables.ts";

const METHODS = ["fpn", "label-smoothing", "proselflc", "bde"];

test("the printed means are the means of the folds, to their rounding", () => {
  for (const keep of [1, "one-per-image"] as const)
    for (const metric of ["ap", "recall"] as const)
      for (const method of METHODS) {
        const at = (fold?: number) => paperValue({ dataset: "mitos-atypia-14", metric, method, keep, fold }) as number;
        const mean = [0, 1, 2, 3].reduce((sum, fold) => sum + at(fold) / 4, 0);
        assert.ok(Math.abs(mean - at()) < 0.001, `${keep} ${metric} ${method}: ${mean} ${at()}`);
      }
});

test("the losses are those that the paper's text says", () => {
  const drop = (metric: PaperMetric, method: string) => Math.round(1e4 * (paperDrop("ki67", metric, method) as number)) / 100;
  assert.deepEqual(
    METHODS.map((method) => drop("ap", method)),
    [-23.88, -27.17, -21.05, -2.57],
  );
  assert.deepEqual(
    METHODS.map((method) => drop("recall", method)),
    [-15.38, -23.24, -10.95, -0.59],
  );
});

test("nothing is said where the paper says nothing", () => {
  const ask = { dataset: "ki67", metric: "ap", method: "bde", keep: 0.3 } as const;
  assert.equal(paperValue(ask), 46.24 / 100);
  for (const change of [
    { keep: 0.25 },
    { keep: "one-per-image" },
    { method: "bde:rpn=true" },
    { method: "toString" },
    { fold: 0 },
  ] as const)
    assert.equal(paperValue({ ...ask, ...change }), null);
  assert.equal(paperValue({ ...ask, dataset: "mitos-atypia-14" }), null);
  assert.equal(paperDrop("ki67", "ap", "focal"), null);
});
