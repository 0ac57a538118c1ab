import assert from "node:assert/strict";
import { test } from "node:test";
import { FrozenBatchNorm2d, Generator, GroupNorm, noGrad, ones, randn, scope } from "@sparsecell/torch";
import { largestDifference } from "../detector/golden.fixture.ts";
import { type Backbone, backbones } from "../settings/detector.ts";
import { FeaturePyramid } from "./fpn.ts";
import { ResNet } from "./resnet.ts";

const make = (backbone: Backbone): ResNet =>
  scope(() => new ResNet(backbone, (channels) => new FrozenBatchNorm2d(channels), new Generator(0)));

const convolutions: Record<Backbone, number> = { resnet18: 20, resnet34: 36, resnet50: 53, resnet101: 104 }; // with shortcuts

for (const backbone of backbones)
  test(`${backbone}: ${convolutions[backbone]} convolutions, stages of 1/4 … 1/32 of the input`, () => {
    const resnet = make(backbone);
    const kernels = [...resnet.state().values()].filter((tensor) => tensor.shape.length === 4);
    assert.equal(kernels.length, convolutions[backbone]);
    scope(() => {
      const stages = noGrad(() => resnet.forward(ones([2, 3, 64, 96])));
      const channels = ResNet.channels(backbone);
      assert.deepEqual(
        stages.map(({ shape }) => shape),
        [
          [2, channels[0], 16, 24],
          [2, channels[1], 8, 12],
          [2, channels[2], 4, 6],
          [2, channels[3], 2, 3],
        ],
      );
      for (const stage of stages) assert.ok(stage.isfinite().all().item());
    });
    resnet.release();
  });

test("as many layers are trained as asked for, counted from the end", () => {
  const stages = ["conv1", "layer1", "layer2", "layer3", "layer4"];
  for (let layers = 0; layers <= 5; layers++) {
    const resnet = scope(() => new ResNet("resnet18", (channels) => new GroupNorm(channels), new Generator(0)));
    resnet.train(layers);
    for (const [name, { requiresGrad }] of resnet.state()) {
      const stage = stages.indexOf(name.split(".")[0].replace("bn1", "conv1"));
      assert.equal(requiresGrad, stage >= 5 - layers, `${name} of ${layers} layers`);
    }
    resnet.release();
  }
});

test("frozen batch normalisation is never trained", () => {
  const resnet = make("resnet18");
  resnet.train(5);
  assert.deepEqual(
    [...resnet.parameters().keys()].filter((name) => /bn\d|downsample\.1/.test(name)),
    [],
  );
  resnet.release();
});

test("the pyramid: five levels of 256 channels; P6 is every second pixel of P5; odd sizes fit", () => {
  const pyramid = scope(() => new FeaturePyramid([8, 16, 24, 32], new Generator(0)));
  scope(() => {
    const generator = new Generator(1);
    const sizes = [
      [13, 9],
      [7, 5],
      [4, 3],
      [2, 2],
    ];
    const stages = sizes.map(([h, w], i) => randn([2, 8 * (i + 1), h, w], generator));
    const levels = noGrad(() => pyramid.forward(stages));
    assert.deepEqual(
      levels.map(({ shape }) => shape),
      [...sizes.map(([h, w]) => [2, 256, h, w]), [2, 256, 1, 1]],
    );
    assert.ok(largestDifference(levels[4].numbers(), levels[3].slice(2, 0, 1).slice(3, 0, 1).numbers()) === 0);
  });
  pyramid.release();
});
