import assert from "node:assert/strict";
import { test } from "node:test";
import { Random, stepRandom } from "./random.ts";

const first = (random: Random, count = 3): number[] => Array.from({ length: count }, () => random.uint32());

test("a seed and a stream give the numbers that they gave in 0.3.0", () => {
  assert.deepEqual(first(new Random(0)), [3809008728, 1133695204, 53579671]);
  assert.deepEqual(first(new Random(3, 7)), [672555978, 2548288426, 2460910574]);
  assert.deepEqual(first(new Random(-5, 1)), [622266143, 336800375, 4010380109]);
  assert.deepEqual(first(new Random(2 ** 40 + 9, 2)), [3758190386, 1325348021, 295987597]);
});

test("every seed, step, image and use has a sequence of its own, and the same one when it is asked again", () => {
  const sequences = new Set<string>();
  let count = 0;
  for (let seed = 0; seed < 4; seed++)
    for (let step = 1; step <= 25; step++)
      for (let image = 0; image < 4; image++)
        for (const use of ["augmentation", "second view", "first stage", "second stage"] as const) {
          const numbers = first(stepRandom(seed, step)(image, use));
          assert.deepEqual(first(stepRandom(seed, step)(image, use)), numbers);
          sequences.add(String(numbers));
          count++;
        }
  assert.equal(sequences.size, count);
});

test("the sequences of neighbouring steps and images are not correlated", () => {
  const means = (draw: (i: number) => Random): number => {
    let sum = 0;
    const count = 4000;
    for (let i = 0; i < count; i++) sum += (draw(i).uniform() - 0.5) * (draw(i + 1).uniform() - 0.5);
    return sum / count;
  };
  // the product of two independent uniforms around 0 has deviation 1/12: five standard errors
  const limit = 5 / 12 / Math.sqrt(4000);
  assert.ok(Math.abs(means((i) => stepRandom(1, i)(0, "first stage"))) < limit);
  assert.ok(Math.abs(means((i) => stepRandom(1, 1)(i, "first stage"))) < limit);
  assert.ok(Math.abs(means((i) => stepRandom(i, 1)(0, "augmentation"))) < limit);
});
