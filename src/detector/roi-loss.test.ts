import assert from "node:assert/strict";
import { test } from "node:test";
import { backward, gradCheck, scope, Tensor } from "@sparsecell/torch";
import type { Calibrated } from "../methods/calibration.ts";
import { type RoiSampleOutput, roiLoss } from "./roi-loss.ts";

const leaf = (values: Float64Array, shape: number[]): Tensor => {
  const tensor = Tensor.from(values, shape);
  tensor.requiresGrad = true;
  return tensor;
};

// Four RoIs of three classes; the second and the last are foreground. Soft targets, weights of every kind.
const logits = Float64Array.of(1, 2, -0.5, 0, 0.3, 0.9, -2, 4, 1, 0.1, 0.2, 0.3);
const codes = Float64Array.of(0.4, -2, 0.1, 0, 1, 1.5, -0.25, 0.75);
const codeTargets = Float32Array.of(0.5, 0.5, 0, 0, -1, 1, 0.25, 0.5);
const foreground = Int32Array.of(1, 3);
const calibrated: Calibrated = {
  distribution: Float32Array.of(1, 0, 0, 0.25, 0.75, 0, 1, 0, 0, 0.125, 0.125, 0.75),
  classWeight: Float32Array.of(0.5, 1, 0, 2),
  boxWeight: Float32Array.of(9, 1, 9, 0.25), // 9: background has no box loss to weigh
};

const outputOf = (z: Tensor, c: Tensor): RoiSampleOutput => ({ logits: z, codes: c, codeTargets, foreground });

function slowLoss(beta: number): { roiClass: number; roiBox: number } {
  const [R, C] = [4, 3];
  let roiClass = 0;
  for (let r = 0; r < R; r++) {
    const own = logits.subarray(r * C, r * C + C);
    const total = own.reduce((sum, z) => sum + Math.exp(z), 0);
    own.forEach((z, c) => {
      roiClass -= (calibrated.classWeight[r] * calibrated.distribution[r * C + c] * Math.log(Math.exp(z) / total)) / R;
    });
  }
  let roiBox = 0;
  foreground.forEach((r, k) => {
    for (let i = 4 * k; i < 4 * k + 4; i++) {
      const d = Math.abs(codes[i] - codeTargets[i]);
      roiBox += (calibrated.boxWeight[r] * (d < beta ? (0.5 * d * d) / beta : d - 0.5 * beta)) / R;
    }
  });
  return { roiClass, roiBox };
}

for (const beta of [1, 1 / 9]) {
  test(`is the weighted sum over the RoIs, divided by their number (beta ${beta.toFixed(2)})`, () =>
    scope(() => {
      const { roiClass, roiBox } = roiLoss(outputOf(Tensor.from(logits, [4, 3]), Tensor.from(codes, [2, 4])), calibrated, beta);
      const expected = slowLoss(beta);
      assert.ok(Math.abs(roiClass.item() - expected.roiClass) < 1e-9);
      assert.ok(Math.abs(roiBox.item() - expected.roiBox) < 1e-9);
    }));

  test(`gradients are those of finite differences (beta ${beta.toFixed(2)})`, () =>
    scope(() => {
      const worst = gradCheck(
        (z, c) => {
          const { roiClass, roiBox } = roiLoss(outputOf(z, c), calibrated, beta);
          return roiClass.add(roiBox);
        },
        [leaf(logits, [4, 3]), leaf(codes, [2, 4])],
      );
      assert.ok(worst < 1e-6, `${worst}`);
    }));
}

test("without foreground the box part is 0, with gradients of 0", () =>
  scope(() => {
    const c = leaf(new Float64Array(0), [0, 4]);
    const z = leaf(logits, [4, 3]);
    const { roiClass, roiBox } = roiLoss(
      { logits: z, codes: c, codeTargets: new Float32Array(0), foreground: new Int32Array(0) },
      calibrated,
      1,
    );
    assert.equal(roiBox.item(), 0);
    assert.ok(roiClass.item() > 0);
    backward(roiClass, roiBox);
    assert.ok(z.grad?.isfinite().all().item());
  }));

test("without any RoI both parts are 0", () =>
  scope(() => {
    const none = new Float32Array(0);
    const z = leaf(new Float64Array(0), [0, 3]);
    const { roiClass, roiBox } = roiLoss(
      { logits: z, codes: leaf(new Float64Array(0), [0, 4]), codeTargets: none, foreground: new Int32Array(0) },
      { distribution: none, classWeight: none, boxWeight: none },
      1,
    );
    assert.deepEqual([roiClass.item(), roiBox.item()], [0, 0]);
    backward(roiClass, roiBox);
    assert.deepEqual(z.grad?.shape, [0, 3]);
  }));

test("a logit of ±1000 gives a large loss, not an infinite one", () =>
  scope(() => {
    const wrong: Calibrated = {
      distribution: Float32Array.of(1, 0),
      classWeight: Float32Array.of(1),
      boxWeight: Float32Array.of(1),
    };
    const { roiClass } = roiLoss(
      {
        logits: Tensor.from(Float32Array.of(-1000, 1000), [1, 2]),
        codes: Tensor.from([], [0, 4]),
        codeTargets: new Float32Array(0),
        foreground: new Int32Array(0),
      },
      wrong,
      1,
    );
    assert.equal(roiClass.item(), 2000);
  }));
