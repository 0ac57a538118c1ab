import assert from "node:assert/strict";
import { test } from "node:test";
import { ones } from "../functional.ts";
import { parameter } from "../nn/module.ts";
import { memory, scope } from "../scope.ts";
import type { Tensor } from "../tensor.ts";
import { close, devices, random } from "../tensors.fixture.ts";
import { clipGradientNorm } from "./clip-gradient.ts";

for (const device of devices())
  test(`scales all gradients to a common norm, and only where they are larger (${device})`, () => {
    const before = memory();
    scope(() => {
      for (const [maxNorm, clips] of [
        [0.5, true],
        [1e6, false],
      ] as const) {
        const gradients = [[3, 2], [5], []].map((shape, i) => random(shape, i + 1).toDevice(device));
        const weights = gradients.map((gradient) => ones(gradient.shape, { dtype: "float64", device }));
        weights.forEach((weight, i) => (weight.grad = gradients[i].clone()));
        const norm = Math.sqrt(
          gradients.flatMap((gradient) => gradient.numbers()).reduce((sum, value) => sum + value * value, 0),
        );
        const without = ones([4], { device });
        close([clipGradientNorm([...weights, without], maxNorm)], [norm]);
        const factor = clips ? maxNorm / norm : 1;
        weights.forEach((weight, i) =>
          close(
            weight.grad as Tensor,
            gradients[i].numbers().map((value) => value * factor),
            1e-5,
          ),
        );
        assert.equal(without.grad, null);
      }
    });
    assert.deepEqual(memory(), before);
  });

test("no gradients: the norm is 0", () => {
  assert.equal(clipGradientNorm([parameter(ones([2]))], 1), 0);
  assert.equal(clipGradientNorm([], 1), 0);
});
