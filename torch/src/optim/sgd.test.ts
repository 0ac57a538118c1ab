import assert from "node:assert/strict";
import { test } from "node:test";
import { ones, zeros } from "../functional.ts";
import { parameter } from "../nn/module.ts";
import { keep, memory, release, scope } from "../scope.ts";
import type { Tensor } from "../tensor.ts";
import { close, devices, random } from "../tensors.fixture.ts";
import { Sgd, type SgdOptions } from "./sgd.ts";

const shapes: Record<string, number[]> = { a: [3], b: [2, 2], "c.weight": [1, 2, 2, 2] };
const gradientOf = (name: string, step: number): Tensor => random(shapes[name], step * 10 + Object.keys(shapes).indexOf(name));

function makeParameters(device = "cpu"): Map<string, Tensor> {
  return new Map(Object.entries(shapes).map(([name, shape], i) => [name, parameter(random(shape, 100 + i).toDevice(device))]));
}

function setGradients(parameters: Map<string, Tensor>, step: number, skipped: (name: string) => boolean = () => false): void {
  scope(() => {
    for (const [name, weight] of parameters) weight.grad = skipped(name) ? null : gradientOf(name, step).toDevice(weight.device);
  });
}

/** torch.optim.SGD in plain numbers: g ← grad + λw; v ← μv + g (the first v is g); w ← w − lr·v. */
class Reference {
  readonly weights = new Map(Object.keys(shapes).map((name, i) => [name, random(shapes[name], 100 + i).numbers()]));
  readonly #velocity = new Map<string, number[]>();

  step(step: number, { lr, momentum = 0, weightDecay = 0 }: SgdOptions, skipped: (name: string) => boolean): void {
    for (const [name, weights] of this.weights) {
      if (skipped(name)) continue;
      const gradient = gradientOf(name, step)
        .numbers()
        .map((value, i) => value + weightDecay * weights[i]);
      const before = this.#velocity.get(name);
      const velocity = before ? gradient.map((value, i) => momentum * before[i] + value) : gradient;
      this.#velocity.set(name, velocity);
      velocity.forEach((value, i) => (weights[i] -= lr * value));
    }
  }
}

const settings: SgdOptions[] = [
  { lr: 0.1 },
  { lr: 0.1, weightDecay: 0.3 },
  { lr: 0.1, momentum: 0.9 },
  { lr: 0.1, momentum: 0.9, weightDecay: 0.3 },
];
/** "b" has no gradient in the steps 1 and 3. */
const skips = (step: number) => (name: string) => name === "b" && step % 2 === 1;

for (const device of devices())
  for (const options of settings)
    test(`five steps equal plain numbers: ${JSON.stringify(options)}; a new rate, a parameter without gradient (${device})`, () => {
      const before = memory();
      const parameters = scope(() => makeParameters(device));
      const live = memory();
      const optimizer = new Sgd(parameters, options);
      scope(() => {
        const reference = new Reference();
        for (let step = 0; step < 5; step++) {
          if (step === 3) optimizer.lr = 0.02;
          setGradients(parameters, step, skips(step));
          optimizer.step();
          reference.step(step, { ...options, lr: optimizer.lr }, skips(step));
          for (const [name, weight] of parameters) {
            close(weight, reference.weights.get(name) as number[]);
            if (!skips(step)(name)) close(weight.grad as Tensor, gradientOf(name, step)); // as it was
          }
        }
        optimizer.zeroGrad();
        assert.ok([...parameters.values()].every((weight) => weight.grad === null));
      });
      assert.deepEqual([...optimizer.state().keys()].sort(), options.momentum ? Object.keys(shapes) : []);
      optimizer.release();
      assert.deepEqual(memory(), live);
      for (const weight of parameters.values()) release(weight);
      assert.deepEqual(memory(), before);
    });

test("training resumes from a saved state with the same bits", () => {
  const options = { lr: 0.1, momentum: 0.9, weightDecay: 0.01 };
  const parameters = makeParameters();
  const optimizer = new Sgd(parameters, options);
  const steps = (some: Sgd, weights: Map<string, Tensor>, from: number, to: number): void => {
    for (let step = from; step < to; step++) {
      setGradients(weights, step);
      some.step();
    }
  };
  steps(optimizer, parameters, 0, 3);
  const weights = new Map([...parameters].map(([name, weight]) => [name, parameter(weight.detach().clone())]));
  const saved = new Map([...optimizer.state()].map(([name, velocity]) => [name, keep(velocity.clone())]));
  steps(optimizer, parameters, 3, 5);

  const resumed = new Sgd(weights, options);
  resumed.loadState(saved);
  for (const velocity of saved.values()) release(velocity); // it was copied
  steps(resumed, weights, 3, 5);
  for (const [name, weight] of weights) assert.deepEqual(weight.bytes(), (parameters.get(name) as Tensor).bytes());
});

test("a state that does not fit throws and changes nothing", () => {
  const parameters = makeParameters();
  const optimizer = new Sgd(parameters, { lr: 0.1, momentum: 0.9 });
  setGradients(parameters, 0);
  optimizer.step();
  const before = [...optimizer.state()].map(([name, velocity]) => [name, velocity.numbers()]);
  assert.throws(
    () =>
      optimizer.loadState(
        new Map([
          ["a", zeros([3])],
          ["d", zeros([3])],
        ]),
      ),
    /optimizer state does not fit: unknown parameter d/,
  );
  assert.throws(
    () => optimizer.loadState(new Map([["a", ones([1])]])),
    /optimizer state does not fit: a: expected \[3\], got \[1\]/,
  );
  assert.deepEqual(
    [...optimizer.state()].map(([name, velocity]) => [name, velocity.numbers()]),
    before,
  );
});

test("no parameters, and no gradients at all", () => {
  new Sgd(new Map(), { lr: 1, momentum: 0.9 }).step();
  const parameters = makeParameters();
  const before = [...parameters.values()].map((weight) => weight.numbers());
  new Sgd(parameters, { lr: 1, momentum: 0.9, weightDecay: 1 }).step();
  assert.deepEqual(
    [...parameters.values()].map((weight) => weight.numbers()),
    before,
  );
});
