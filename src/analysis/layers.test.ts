import assert from "node:assert/strict";
import { test } from "node:test";
import { Conv2d, Linear, noGrad, scope, type Tensor } from "@sparsecell/torch";
import { Detector } from "../detector/detector.ts";
import { fpn } from "../methods/fpn.ts";
import { Random } from "../random.ts";
import { type DetectorConfig, defaultConfig } from "../settings/detector.ts";
import { type Layer, layersOf } from "./layers.ts";

const tiny: DetectorConfig = {
  ...defaultConfig,
  input: { kind: "stretch", size: 32 },
  roi: { ...defaultConfig.roi, representationSize: 8 },
};
const perLevel: DetectorConfig = { ...tiny, rpn: { ...tiny.rpn, heads: "per-level" } };

function withLayers(config: DetectorConfig, look: (layers: Layer[], detector: Detector) => void): void {
  const detector = new Detector(config, { seed: 1 });
  try {
    look(layersOf(detector), detector);
  } finally {
    detector.release();
  }
}

const counts = (layers: readonly Layer[]): Record<string, number> => {
  const found: Record<string, number> = {};
  for (const { block } of layers) found[block] = (found[block] ?? 0) + 1;
  return found;
};

test("ResNet-50 has the paper's 80 layers with a first-stage head for each level, 68 with a shared one", () => {
  withLayers(perLevel, (layers) => {
    assert.deepEqual(counts(layers), { stem: 1, C2: 10, C3: 13, C4: 19, C5: 10, FPN: 8, RPN: 15, head: 4 });
    assert.deepEqual(
      layers.map(({ layer }) => layer),
      Array.from({ length: 80 }, (_, i) => i + 1),
    );
    assert.deepEqual(
      layers.slice(0, 5).map(({ name }) => name.replace("backbone.body.", "")),
      ["conv1.weight", "layer1.0.conv1.weight", "layer1.0.conv2.weight", "layer1.0.conv3.weight", "layer1.0.downsample.0.weight"],
    );
    assert.deepEqual(layers[0].weight.shape, [64, 3, 7, 7]);
    assert.equal(layers[79].name, "roi_heads.box_predictor.bbox_pred.weight");
    assert.deepEqual(layers[76].weight.shape, [8, 256 * 49], "each output unit of a fully connected layer is a kernel");
  });
  withLayers(tiny, (layers) => {
    assert.equal(layers.length, 68);
    assert.deepEqual(
      layers.filter(({ block }) => block === "RPN").map(({ name }) => name),
      ["rpn.head.conv.0.0.weight", "rpn.head.cls_logits.weight", "rpn.head.bbox_pred.weight"],
    );
  });
});

test("their order is that in which a forward pass first uses them, and none is left out", () => {
  for (const config of [perLevel, { ...tiny, normalization: "group-norm" } as const])
    withLayers({ ...config, backbone: "resnet18" }, (layers, detector) => {
      const names = new Map(layers.map(({ name, weight }) => [weight.handle, name]));
      const used = new Set<string | undefined>();
      const [convolve, connect] = [Conv2d.prototype.forward, Linear.prototype.forward];
      const fold = Conv2d.prototype.with;
      const note = (weight: Tensor) => used.add(names.get(weight.handle));
      Conv2d.prototype.with = function (...args) {
        note(this.weight);
        return fold.apply(this, args);
      };
      Linear.prototype.forward = function (x) {
        note(this.weight);
        return connect.call(this, x);
      };
      try {
        const image = { width: 32, height: 32, data: new Uint8Array(3 * 32 * 32).fill(128) };
        const known = { boxes: Float32Array.of(4, 4, 20, 20), labels: Int32Array.of(1) };
        noGrad(() =>
          scope(() => {
            detector.losses([image], [known], { calibration: fpn(), progress: 0, random: () => new Random(1) });
          }),
        );
      } finally {
        Object.assign(Conv2d.prototype, { forward: convolve, with: fold });
        Linear.prototype.forward = connect;
      }
      assert.deepEqual(
        [...used],
        layers.map(({ name }) => name),
      );
    });
});
