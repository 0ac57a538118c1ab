import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { Random } from "../random.ts";
import { background, between } from "./matcher.ts";
import { sample } from "./sampler.ts";

const matches = fc.array(fc.constantFrom(background, between, 0, 1, 7), { maxLength: 60 }).map((list) => Int32Array.from(list));

test("property: as many as asked for and there are, each once, each of its kind", () => {
  fc.assert(
    fc.property(
      matches,
      fc.integer({ min: 0, max: 40 }),
      fc.constantFrom(0, 0.25, 0.5, 1),
      fc.integer(),
      (all, count, positiveFraction, seed) => {
        const { positive, negative, from } = sample(all, { count, positiveFraction }, new Random(seed));
        const positives = all.filter((match) => match >= 0).length;
        const negatives = all.filter((match) => match === background).length;
        assert.deepEqual(from, { positives, negatives });
        assert.equal(positive.length, Math.min(positives, Math.floor(count * positiveFraction)));
        assert.equal(negative.length, Math.min(negatives, count - positive.length));
        assert.equal(new Set([...positive, ...negative]).size, positive.length + negative.length);
        assert.ok(positive.every((k) => all[k] >= 0) && negative.every((k) => all[k] === background));
      },
    ),
  );
});

test("everyone is chosen equally often", () => {
  const all = Int32Array.from({ length: 30 }, (_, k) => (k % 3 === 0 ? 2 : background)); // 10 positives, 20 negatives
  const random = new Random(5);
  const times = new Int32Array(all.length);
  const rounds = 4000;
  for (let i = 0; i < rounds; i++) {
    const { positive, negative } = sample(all, { count: 12, positiveFraction: 0.25 }, random);
    for (const k of [...positive, ...negative]) times[k]++;
  }
  // 3 of 10 and 9 of 20; a deviation of five standard errors is no accident
  times.forEach((count, k) => {
    const p = all[k] >= 0 ? 3 / 10 : 9 / 20;
    assert.ok(Math.abs(count - rounds * p) < 5 * Math.sqrt(rounds * p * (1 - p)), `${k}: ${count}`);
  });
});

test("the same seed chooses the same, another seed something else", () => {
  const all = new Int32Array(100).fill(background);
  const of = (seed: number) => sample(all, { count: 10, positiveFraction: 0.5 }, new Random(seed));
  assert.deepEqual(of(1), of(1));
  assert.notDeepEqual(of(1), of(2));
});

test("of nothing, nothing", () => {
  assert.deepEqual(sample(new Int32Array(0), { count: 10, positiveFraction: 0.5 }, new Random(1)), {
    positive: [],
    negative: [],
    from: { positives: 0, negatives: 0 },
  });
});
