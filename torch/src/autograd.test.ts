import assert from "node:assert/strict";
import { test } from "node:test";
import { backward, grad, gradCheck, noGrad } from "./autograd.ts";
import { call } from "./call.ts";
import { cat, ones, softmax, where, zeros } from "./functional.ts";
import { memory, scope } from "./scope.ts";
import { Tensor } from "./tensor.ts";
import { close, devices, leaf, random } from "./tensors.fixture.ts";

/** Weights that make a scalar of which every element's gradient is another. */
const weighted = (x: Tensor): Tensor => x.mul(random(x.shape, 99)).sum();

const checked: [name: string, f: (...inputs: Tensor[]) => Tensor, shapes: number[][]][] = [
  ["add, sub, mul, div with broadcasting", (a, b) => a.add(b, 2).mul(a).sub(b).div(b.mul(b).add(1)), [[2, 3], [3]]],
  ["pow, exp, log, log2, sqrt, rsqrt", (a) => a.exp().log().pow(2).add(1).sqrt().log2().add(2).rsqrt(), [[2, 3]]],
  ["abs, neg, sigmoid, clamp", (a) => a.abs().neg().sigmoid().clamp(0.2, 0.4), [[7]]],
  [
    "maximum, minimum, where",
    (a, b) => where(a.gt(0), a.maximum(b), a.minimum(b)),
    [
      [2, 5],
      [2, 5],
    ],
  ],
  ["sum, mean, max over a dimension", (a) => a.sum(0).mul(a.mean(0)).mul(a.max(0)[0]), [[3, 4]]],
  [
    "views: permute, select, slice, expand, flip, reshape",
    (a) => a.permute(2, 0, 1).select(0, 1).slice(1, 0, 2).unsqueeze(0).expand(2, 2, 2).flip(1).reshape(8),
    [[2, 3, 4]],
  ],
  [
    "indexSelect, gather, masked, topk, sort",
    (a) => {
      const index = Tensor.from([1n, 0n, 1n]);
      const parts = [
        a.indexSelect(1, index),
        a.gather(1, index.unsqueeze(0)),
        a.masked(Tensor.from([true, false])),
        a.topk(2)[0],
        a.sort()[0],
      ];
      return cat(parts.map((part) => part.flatten()));
    },
    [[2, 4]],
  ],
  [
    "mm, softmax",
    (a, b) => softmax(call("mm", [a, b]), 1),
    [
      [2, 3],
      [3, 4],
    ],
  ],
];
for (const [name, f, shapes] of checked)
  test(`gradients of ${name} equal central differences`, () => {
    const inputs = shapes.map((shape, i) => leaf(shape, i + 1));
    assert.ok(gradCheck((...given) => weighted(f(...given)), inputs) < 1e-7);
  });

test("gradCheck finds a wrong gradient and requires float64", () => {
  const cutOff = (x: Tensor): Tensor => x.mul(x.detach()).sum(); // half of the gradient of x²
  assert.ok(gradCheck(cutOff, [leaf([3], 1)]) > 0.1);
  assert.throws(() => gradCheck((x) => x.sum(), [ones([2])]), /expected float64 inputs, got float32/);
});

for (const device of devices()) {
  const leafOf = (values: number[]): Tensor => {
    const tensor = Tensor.from(values, [values.length], { device });
    tensor.requiresGrad = true;
    return tensor;
  };

  test(`backward accumulates until the gradient is set to null (${device})`, () => {
    const before = memory();
    scope(() => {
      const x = leafOf([1, 2]);
      const gradient = (): number[] | undefined => x.grad?.numbers();
      assert.equal(gradient(), undefined);
      backward(x.mul(3).sum());
      assert.deepEqual(gradient(), [3, 3]);
      backward(x.mul(x).sum(), x.sum());
      assert.deepEqual(gradient(), [6, 8]);
      x.grad = null;
      assert.equal(gradient(), undefined);
      x.grad = Tensor.from([5, 6], [2], { device });
      backward(x.sum());
      assert.deepEqual(gradient(), [6, 7]);
    });
    assert.deepEqual(memory(), before);
  });

  test(`grad: null for unused inputs, nothing accumulated, weights for outputs (${device})`, () => {
    scope(() => {
      const [x, y] = [leafOf([1, 2]), leafOf([3])];
      const gradients = grad([x.mul(x).sum()], [x, y]);
      assert.deepEqual(
        gradients.map((gradient) => gradient?.numbers() ?? null),
        [[2, 4], null],
      );
      assert.equal(x.grad, null);
      const gradOutputs = [Tensor.from([10, 100], [2], { device })];
      assert.deepEqual(grad([x.mul(x)], [x], { gradOutputs })[0]?.numbers(), [20, 400]);
      const loss = x.sum().mul(x.sum());
      grad([loss], [x], { retainGraph: true });
      grad([loss], [x]);
      assert.throws(() => grad([loss], [x]), /grad: .*backward through the graph a second time/);
    });
  });

  test(`second order: the gradient of a gradient (${device})`, () => {
    scope(() => {
      const x = leafOf([1, -2]);
      const [first] = grad([x.pow(3).sum()], [x], { createGraph: true }) as [Tensor];
      assert.deepEqual(first.numbers(), [3, 12]);
      const [second] = grad([first.sum()], [x]) as [Tensor];
      assert.deepEqual(second.numbers(), [6, -12]);
    });
  });
}

test("gradCheck of a gradient: second order", () => {
  const slope = (x: Tensor): Tensor => weighted((grad([x.sigmoid().sum()], [x], { createGraph: true }) as [Tensor])[0]);
  const x = leaf([4], 3);
  const [analytic] = grad([slope(x)], [x]) as [Tensor];
  const values = x.numbers();
  const numeric = values.map((_, i) => {
    const at = (delta: number): number => {
      const moved = Tensor.from(Float64Array.from(values, (value, j) => value + (i === j ? delta : 0)));
      moved.requiresGrad = true;
      return slope(moved).item();
    };
    return (at(1e-6) - at(-1e-6)) / 2e-6;
  });
  close(analytic, numeric, 1e-8);
});

test("noGrad: nothing is recorded inside; the mode is restored after a result, a throw and nesting", () => {
  const x = leaf([2], 1);
  assert.equal(noGrad(() => x.mul(2)).requiresGrad, false);
  assert.throws(() => noGrad(() => noGrad(() => x.add(zeros([7])))), /size of tensor/);
  assert.equal(x.mul(2).requiresGrad, true);
  noGrad(() => {
    noGrad(() => {});
    assert.equal(x.mul(2).requiresGrad, false);
    x.add_(1); // parameters may be changed in here
  });
});

const x = leaf([2], 1);
const refused: [name: string, body: () => unknown, message: RegExp][] = [
  [
    "backward from what is no scalar",
    () => backward(x.mul(2)),
    /backward: grad can be implicitly created only for scalar outputs/,
  ],
  ["backward without a graph", () => backward(ones([])), /backward: element 0 of tensors does not require grad/],
  ["backward from a released tensor", () => backward(gone()), /released/],
  [
    "a gradient of integers",
    () => {
      Tensor.from([1n]).requiresGrad = true;
    },
    /floating point/,
  ],
  [
    "requiresGrad = false of a result",
    () => {
      x.mul(2).requiresGrad = false;
    },
    /expected a leaf.*detach\(\)/,
  ],
  [
    "a gradient of another shape",
    () => {
      x.grad = zeros([3], { dtype: "float64" });
    },
    /expected a gradient like its tensor, float64\[2\], got float64\[3\]/,
  ],
  [
    "a gradient of another dtype",
    () => {
      x.grad = zeros([2]);
    },
    /got float32\[2\]/,
  ],
  ["a parameter changed in place", () => x.add_(1), /leaf Variable that requires grad/],
  ["grad of what requires none", () => grad([x.sum()], [ones([2])]), /grad: .*does not require grad/],
];
function gone(): Tensor {
  let tensor = x;
  scope(() => {
    tensor = x.sum();
  });
  return tensor;
}
for (const [name, body, message] of refused) test(`${name} is an error`, () => assert.throws(body, message));
