import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { holm, pairedTest, smallestP } from "./paired-test.ts";
import { meanAndSd } from "./spread.ts";

/** All sums with every choice of signs, the plain way. */
const sums = (values: readonly number[]): number[] =>
  values.reduce((all: number[], value) => all.flatMap((sum) => [sum + value, sum - value]), [0]);

test("few pairs: the part of all sign patterns that is as extreme", () => {
  assert.deepEqual(pairedTest([1, 2, 3]), { n: 3, mean: 2, p: 2 / 8 });
  assert.equal(pairedTest([1, 2, -3]).p, 1);
  assert.equal(pairedTest([3, 1, -1]).p, 6 / 8); // of ±3±1±1 all but ±3±1∓1 … those with |sum| ≥ 3: 5, 3, 3 and their negatives
  assert.equal(pairedTest([0, 0]).p, 1);
  assert.deepEqual(pairedTest([]), { n: 0, mean: 0, p: 1 });
  fc.assert(
    fc.property(fc.array(fc.integer({ min: -20, max: 20 }), { minLength: 1, maxLength: 9 }), (values) => {
      const given = Math.abs(values.reduce((sum, value) => sum + value, 0));
      const all = sums(values);
      assert.equal(pairedTest(values).p, all.filter((sum) => Math.abs(sum) >= given).length / all.length);
      assert.ok(pairedTest(values).p >= smallestP(values.length));
      assert.equal(pairedTest(values.map((value) => value / 10)).p, pairedTest(values).p); // tenths are not exact
    }),
  );
});

test("the two tests meet where they change over", () => {
  const twelve = [0.3, 1.2, -0.4, 0.9, 0.1, 0.7, -0.2, 1.1, 0.5, 0.6, -0.1, 0.8];
  const exact = pairedTest(twelve).p;
  const { mean, sd } = meanAndSd(twelve);
  const thirteen = pairedTest([...twelve, mean]).p;
  assert.ok(exact > 0.005 && exact < 0.02 && Math.abs(exact - thirteen) < 0.01, `${exact} ${thirteen}`);
  assert.ok(sd > 0);
  assert.equal(pairedTest(new Array(13).fill(0)).p, 1);
  assert.equal(pairedTest(new Array(13).fill(1)).p, 0);
});

test("no p of so many pairs is smaller than the smallest", () => {
  assert.deepEqual([0, 1, 3, 5, 6].map(smallestP), [1, 1, 0.25, 0.0625, 0.03125]);
});

test("Holm's correction, by hand and in any order", () => {
  assert.deepEqual(holm([0.01, 0.04, 0.03]), [0.03, 0.06, 0.06]);
  assert.deepEqual(holm([0.6, 0.7]), [1, 1]);
  assert.deepEqual(holm([]), []);
  fc.assert(
    fc.property(fc.array(fc.double({ min: 0, max: 1, noNaN: true }), { minLength: 1, maxLength: 8 }), (ps) => {
      const corrected = holm(ps);
      corrected.forEach((p, i) => {
        assert.ok(p >= ps[i] && p <= Math.min(1, ps.length * ps[i]) + 1e-15);
        ps.forEach((other, j) => assert.ok(other < ps[i] ? corrected[j] <= p : true));
      });
      assert.deepEqual(holm([...ps].reverse()), corrected.reverse());
    }),
  );
});
