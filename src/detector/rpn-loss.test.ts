import assert from "node:assert/strict";
import { test } from "node:test";
import { backward, gradCheck, scope, Tensor } from "@sparsecell/torch";
import { rpnLoss } from "./rpn-loss.ts";

const leaf = (values: Float64Array, shape?: number[]): Tensor => {
  const tensor = Tensor.from(values, shape);
  tensor.requiresGrad = true;
  return tensor;
};

const logits = Float64Array.of(0.3, -1.2, 2.5, 0, -4);
const cell = Float32Array.of(1, 0, 1, 0, 0);
const codes = Float64Array.of(0.1, -0.03, 2, 0.5, -0.7, 0, 0.25, -3); // of the two positive anchors
const codeTargets = Float32Array.of(0, 0, 0.5, 0.5, 0.5, 0.0625, 0.125, 1);
const beta = 1 / 9;
// what a calibration may say: soft targets, weights of both parts
const weighted = {
  cell: Float32Array.of(0.75, 0, 1, 0.25, 0),
  classWeight: Float32Array.of(1, 0.5, 2, 0, 0.125),
  boxWeight: Float32Array.of(0.5, 2),
};

test("is the mean cross entropy, and the sum of smooth L1 over all sampled anchors", () =>
  scope(() => {
    const { rpnClass, rpnBox } = rpnLoss(
      { logits: Tensor.from(logits), codes: Tensor.from(codes, [2, 4]), codeTargets },
      { cell },
      beta,
    );
    let entropy = 0;
    logits.forEach((z, k) => {
      const p = 1 / (1 + Math.exp(-z));
      entropy -= Math.log(cell[k] === 1 ? p : 1 - p) / 5;
    });
    let distance = 0;
    codes.forEach((code, i) => {
      const d = Math.abs(code - codeTargets[i]);
      distance += (d < beta ? (0.5 * d * d) / beta : d - beta / 2) / 5;
    });
    assert.ok(Math.abs(rpnClass.item() - entropy) < 1e-9);
    assert.ok(Math.abs(rpnBox.item() - distance) < 1e-9);
  }));

test("soft targets and weights multiply, anchor by anchor", () =>
  scope(() => {
    const { rpnClass, rpnBox } = rpnLoss(
      { logits: Tensor.from(logits), codes: Tensor.from(codes, [2, 4]), codeTargets },
      weighted,
      beta,
    );
    let entropy = 0;
    logits.forEach((z, k) => {
      const p = 1 / (1 + Math.exp(-z));
      entropy -= (weighted.classWeight[k] * (weighted.cell[k] * Math.log(p) + (1 - weighted.cell[k]) * Math.log(1 - p))) / 5;
    });
    let distance = 0;
    codes.forEach((code, i) => {
      const d = Math.abs(code - codeTargets[i]);
      distance += (weighted.boxWeight[i >> 2] * (d < beta ? (0.5 * d * d) / beta : d - beta / 2)) / 5;
    });
    assert.ok(Math.abs(rpnClass.item() - entropy) < 1e-9);
    assert.ok(Math.abs(rpnBox.item() - distance) < 1e-9);
  }));

test("gradients are those of finite differences", () =>
  scope(() => {
    const inputs = [leaf(logits), leaf(codes, [2, 4])];
    const worst = gradCheck((z, c) => {
      const { rpnClass, rpnBox } = rpnLoss({ logits: z, codes: c, codeTargets }, weighted, beta);
      return rpnClass.add(rpnBox);
    }, inputs);
    assert.ok(worst < 1e-6, `${worst}`);
  }));

test("without a positive anchor the box part is 0; without any anchor both are", () =>
  scope(() => {
    const none = new Float32Array(0);
    const allBackground = rpnLoss(
      { logits: Tensor.from(logits), codes: leaf(new Float64Array(0), [0, 4]), codeTargets: none },
      { cell: new Float32Array(5) },
      beta,
    );
    assert.equal(allBackground.rpnBox.item(), 0);
    assert.ok(allBackground.rpnClass.item() > 0);
    const empty = leaf(new Float64Array(0));
    const nothing = rpnLoss({ logits: empty, codes: leaf(new Float64Array(0), [0, 4]), codeTargets: none }, { cell: none }, beta);
    assert.deepEqual([nothing.rpnClass.item(), nothing.rpnBox.item()], [0, 0]);
    backward(nothing.rpnClass, nothing.rpnBox);
    assert.deepEqual(empty.grad?.numbers(), []);
  }));

test("very sure and wrong is a large loss, not an infinite one", () =>
  scope(() => {
    const { rpnClass } = rpnLoss(
      {
        logits: Tensor.from(Float32Array.of(-1000, 1000)),
        codes: Tensor.from([], [0, 4]),
        codeTargets: new Float32Array(0),
      },
      { cell: Float32Array.of(1, 0) },
      beta,
    );
    assert.equal(rpnClass.item(), 1000);
  }));
