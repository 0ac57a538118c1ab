import assert from "node:assert/strict";
import { test } from "node:test";
import { backward, noGrad } from "../autograd.ts";
import { ones, zeros } from "../functional.ts";
import { Generator } from "../generator.ts";
import { Sgd } from "../optim/sgd.ts";
import { memory, scope } from "../scope.ts";
import { Tensor } from "../tensor.ts";
import { devices, random } from "../tensors.fixture.ts";
import { Conv2d } from "./conv2d.ts";
import { Linear } from "./linear.ts";
import { Module, parameter } from "./module.ts";
import { BatchNorm2d, FrozenBatchNorm2d } from "./normalization.ts";

const generator = new Generator(1);

class Block extends Module {
  readonly conv = new Conv2d({ inChannels: 2, outChannels: 3, kernel: 1, bias: false, generator });
  readonly bn1 = new BatchNorm2d(3);
  readonly bn2 = new FrozenBatchNorm2d(3);
  readonly title = "no tensor";
}

class Network extends Module {
  readonly scale = parameter(ones([1]));
  readonly layers = [new Block(), new Block()];
  readonly heads = [[new Linear({ inFeatures: 3, outFeatures: 2, generator })]];
  readonly nothing = null;
}

const blockNames = [
  ...["conv.weight", ...["weight", "bias", "running_mean", "running_var", "num_batches_tracked"].map((name) => `bn1.${name}`)],
  ...["weight", "bias", "running_mean", "running_var"].map((name) => `bn2.${name}`),
];
const trained = [
  "scale",
  "layers.0.conv.weight",
  "layers.0.bn1.weight",
  "layers.0.bn1.bias",
  "layers.1.conv.weight",
  "layers.1.bn1.weight",
  "layers.1.bn1.bias",
  "heads.0.0.weight",
  "heads.0.0.bias",
];

test("state has PyTorch's names, through arrays, in the order of the fields; parameters are the trainable tensors", () => {
  const network = new Network();
  const layers = [0, 1].flatMap((i) => blockNames.map((name) => `layers.${i}.${name}`));
  assert.deepEqual([...network.state().keys()], ["scale", ...layers, "heads.0.0.weight", "heads.0.0.bias"]);
  assert.deepEqual([...network.parameters().keys()], trained);
  assert.equal(network.state().get("layers.1.conv.weight"), network.layers[1].conv.weight);
});

test("requireGrad: off and on again, without buffers and frozen normalisations", () => {
  const network = new Network();
  network.requireGrad(false);
  assert.equal(network.parameters().size, 0);
  network.requireGrad(true);
  assert.deepEqual([...network.parameters().keys()], trained);
  network.layers[0].requireGrad(false);
  assert.deepEqual(
    [...network.parameters().keys()],
    trained.filter((name) => !name.startsWith("layers.0")),
  );
});

test("loadState copies, converts the dtype, and can skip names", () =>
  scope(() => {
    const [to, from] = [new Network(), new Network()];
    for (const tensor of from.state().values()) noGrad(() => tensor.fill_(2));
    const source = new Map([...from.state()].map(([name, tensor]) => [name, tensor.to("float64")]));
    to.loadState(source);
    for (const [name, tensor] of to.state()) {
      assert.deepEqual(new Set(tensor.numbers()), new Set([2]), name);
      assert.equal(tensor.dtype, name.endsWith("tracked") ? "int64" : "float32");
    }
    assert.deepEqual([...to.parameters().keys()], trained);
    noGrad(() => from.scale.fill_(3));
    assert.equal(to.scale.item(), 2);

    const only = (name: string): boolean => !name.startsWith("heads.");
    const part = new Map([...source].filter(([name]) => only(name)));
    part.set("heads.of.another.kind", ones([1]));
    to.loadState(part, { only });
    assert.throws(
      () => to.loadState(part),
      /2 missing \(heads.0.0.weight, heads.0.0.bias\); 1 unexpected \(heads.of.another.kind\)/,
    );
  }));

test("loadState leaves no tensor behind", () =>
  scope(() => {
    const [to, from] = [new Network(), new Network()];
    const before = memory().tensors;
    to.loadState(from.state());
    assert.equal(memory().tensors, before);
  }));

test("weights that do not fit throw an error that lists them and change nothing", () =>
  scope(() => {
    const network = new Network();
    const before = [...network.state()].map(([name, tensor]) => [name, tensor.numbers()]);
    const source = new Map([...network.state()].map(([name, tensor]) => [name, zeros(tensor.shape)]));
    source.delete("scale");
    source.set("scales", zeros([1]));
    source.set("heads.0.0.weight", zeros([3, 2]));
    source.set("heads.0.0.bias", zeros([]));
    assert.throws(() => network.loadState(source), {
      message:
        "weights do not fit: 1 missing (scale); 1 unexpected (scales); " +
        "2 of another shape (heads.0.0.weight: expected [2, 3], got [3, 2], heads.0.0.bias: expected [2], got [])",
    });
    assert.throws(
      () => network.loadState(new Map()),
      /23 missing \(scale, layers.0.conv.weight, layers.0.bn1.weight, layers.0.bn1.bias, …\)$/,
    );
    assert.deepEqual(
      [...network.state()].map(([name, tensor]) => [name, tensor.numbers()]),
      before,
    );
  }));

test("toDevice to the same device changes nothing, not even the tensors; release frees all", () => {
  const before = memory();
  const network = scope(() => new Network());
  const tensors = [...network.state().values()];
  const live = memory();
  network.toDevice("cpu");
  assert.ok([...network.state().values()].every((tensor, i) => tensor === tensors[i]));
  assert.deepEqual(memory(), live);
  network.release();
  assert.deepEqual(memory(), before);
});

for (const device of devices())
  test(`toDevice keeps values and what is trained, and the network learns there (${device})`, () => {
    const before = memory();
    scope(() => {
      const network = new Network();
      const values = [...network.state().values()].map((tensor) => tensor.numbers());
      network.toDevice(device);
      assert.deepEqual([...network.parameters().keys()], trained);
      const state = [...network.state().values()];
      assert.ok(state.every((tensor) => tensor.device.startsWith(device)));
      assert.deepEqual(
        state.map((tensor) => tensor.numbers()),
        values,
      );
      const optimizer = new Sgd(network.parameters(), { lr: 0.1, momentum: 0.9 });
      const weight = network.heads[0][0].weight;
      backward(network.heads[0][0].forward(ones([1, 3], { device })).sum());
      optimizer.step();
      assert.ok(Math.abs(weight.sum().item() - values.at(-2)!.reduce((sum, value) => sum + value, -0.6)) < 1e-5);
      optimizer.release();
      network.release();
    });
    assert.deepEqual(memory(), before);
  });

test("creating a module leaves only its state alive", () => {
  const before = memory().tensors;
  const conv = new Conv2d({ inChannels: 2, outChannels: 3, kernel: 3, generator });
  const linear = new Linear({ inFeatures: 2, outFeatures: 3, generator });
  assert.equal(memory().tensors, before + 4);
  conv.release();
  linear.release();
});

test("parameters outlive scopes", () => {
  const made = scope(() => ({ network: new Network(), lost: [parameter(random([3], 1)), parameter(ones([2]), false)] }));
  assert.deepEqual(
    made.lost.map((tensor) => [tensor.shape, tensor.requiresGrad]),
    [
      [[3], true],
      [[2], false],
    ],
  );
  assert.ok(made.network.scale instanceof Tensor && made.network.scale.item() === 1);
});
