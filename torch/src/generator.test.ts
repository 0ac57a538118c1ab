import assert from "node:assert/strict";
import { test } from "node:test";
import { call } from "./call.ts";
import { ones, rand, randn, randperm, zeros } from "./functional.ts";
import { Generator } from "./generator.ts";
import { memory, scope } from "./scope.ts";
import { devices } from "./tensors.fixture.ts";

for (const device of devices()) {
  const draw = (generator: Generator): Uint8Array[] =>
    scope(() =>
      [rand([7], generator, { device }), randn([6], generator, { device }), randperm(9, generator, { device })].map((tensor) =>
        tensor.bytes(),
      ),
    );

  test(`the same seed gives the same bits, another seed different ones (${device})`, () => {
    const first = draw(new Generator(7, device));
    assert.deepEqual(draw(new Generator(7, device)), first);
    for (const seed of [0, 8, 2 ** 32 - 1, Number.MAX_SAFE_INTEGER])
      assert.notDeepEqual(draw(new Generator(seed, device)), first);
  });

  test(`generators are independent of each other and of libtorch's default one (${device})`, () => {
    const [a, b] = [new Generator(1, device), new Generator(1, device)];
    const first = draw(a);
    call("rand", [[100]], { device });
    assert.deepEqual(draw(b), first);
    assert.notDeepEqual(draw(a), first);
  });

  test(`a saved state gives the same bits, also in another generator (${device})`, () => {
    const before = memory();
    scope(() => {
      const generator = new Generator(3, device);
      draw(generator);
      const state = generator.state;
      assert.equal(state.dtype, "uint8");
      const next = draw(generator);
      generator.state = state;
      assert.deepEqual(draw(generator), next);
      const other = new Generator(99, device);
      other.state = state;
      assert.deepEqual(draw(other), next);
    });
    assert.deepEqual(memory(), before);
  });

  test(`an invalid state throws, and the generator remains usable (${device})`, () => {
    const [generator, same] = [new Generator(5, device), new Generator(5, device)];
    for (const state of [zeros([3]), ones([10], { dtype: "uint8" }), zeros([0], { dtype: "uint8" })])
      assert.throws(() => (generator.state = state), /^Error: generator: /);
    assert.deepEqual(draw(generator), draw(same));
  });
}

test("an invalid seed and an invalid device throw", () => {
  for (const seed of [-1, 1.5, Number.NaN, 2 ** 53, "1" as unknown as number])
    assert.throws(() => new Generator(seed), /generator: expected a seed of at least 0/);
  for (const device of ["tpu", "meta", "cuda:99"]) assert.throws(() => new Generator(1, device), /^Error: generator: /);
});
