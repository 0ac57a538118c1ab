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
const labels = Float32Array.of(1, 0, 1, 0, 0);
const codes = Float64Array.of(0.1, -0.03, 2, 0.5, -0.7, 0, 0.25, -3); // of the two positive anchors
const targets = Float32Array.of(0, 0, 0.5, 0.5, 0.5, 0.0625, 0.125, 1);
const beta = 1 / 9;

test("is the mean cross entropy, and the sum of smooth L1 over all sampled anchors", () =>
  scope(() => {
    const { rpnClass, rpnBox } = rpnLoss(
      { logits: Tensor.from(logits), labels, codes: Tensor.from(codes, [2, 4]), targets },
      beta,
    );
    let entropy = 0;
    logits.forEach((z, k) => {
      const p = 1 / (1 + Math.exp(-z));
      entropy -= Math.log(labels[k] === 1 ? p : 1 - p) / 5;
    });
    let distance = 0;
    codes.forEach((code, i) => {
      const d = Math.abs(code - targets[i]);
      distance += (d < beta ? (0.5 * d * d) / beta : d - beta / 2) / 5;
    });
    assert.ok(Math.abs(rpnClass.item() - entropy) < 1e-9);
    assert.ok(Math.abs(rpnBox.item() - distance) < 1e-9);
  }));

test("gradients are those of finite differences", () =>
  scope(() => {
    const inputs = [leaf(logits), leaf(codes, [2, 4])];
    const worst = gradCheck((z, c) => {
      const { rpnClass, rpnBox } = rpnLoss({ logits: z, labels, codes: c, targets }, beta);
      return rpnClass.add(rpnBox);
    }, inputs);
    assert.ok(worst < 1e-6, `${worst}`);
  }));

test("without a positive anchor the box part is 0; without any anchor both are", () =>
  scope(() => {
    const none = new Float32Array(0);
    const allBackground = rpnLoss(
      { logits: Tensor.from(logits), labels: new Float32Array(5), codes: leaf(new Float64Array(0), [0, 4]), targets: none },
      beta,
    );
    assert.equal(allBackground.rpnBox.item(), 0);
    assert.ok(allBackground.rpnClass.item() > 0);
    const empty = leaf(new Float64Array(0));
    const nothing = rpnLoss({ logits: empty, labels: none, codes: leaf(new Float64Array(0), [0, 4]), targets: none }, beta);
    assert.deepEqual([nothing.rpnClass.item(), nothing.rpnBox.item()], [0, 0]);
    backward(nothing.rpnClass, nothing.rpnBox);
    assert.deepEqual(empty.grad?.numbers(), []);
  }));

test("very sure and wrong is a large loss, not an infinite one", () =>
  scope(() => {
    const { rpnClass } = rpnLoss(
      {
        logits: Tensor.from(Float32Array.of(-1000, 1000)),
        labels: Float32Array.of(1, 0),
        codes: Tensor.from([], [0, 4]),
        targets: new Float32Array(0),
      },
      beta,
    );
    assert.equal(rpnClass.item(), 1000);
  }));
