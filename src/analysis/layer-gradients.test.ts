import assert from "node:assert/strict";
import { test } from "node:test";
import { backward, conv2d, linear, memory, noGrad, parameter, scope, Tensor } from "@sparsecell/torch";
import type { RgbImage } from "../data/image-file.ts";
import { Detector } from "../detector/detector.ts";
import { DivergedError } from "../detector/diverged-error.ts";
import type { KnownCells } from "../detector/known-cells.ts";
import { fpn } from "../methods/fpn.ts";
import { Random } from "../random.ts";
import { type DetectorConfig, defaultConfig } from "../settings/detector.ts";
import { type LayerGradient, layerGradients, meanAbsoluteGradients, type TestBatch } from "./layer-gradients.ts";

const mean = (values: readonly number[]): number => values.reduce((sum, value) => sum + value, 0) / values.length;
const isClose = (a: number, b: number, tolerance: number): boolean => Math.abs(a - b) <= tolerance * Math.abs(b);

/** Two convolution kernels and three output units in float64, and a loss that differs from image to image. */
function tinyNetwork(): { weights: Tensor[]; lossOf: (image: number) => Tensor; images: number } {
  const random = new Random(4);
  const values = (count: number): Float64Array => Float64Array.from({ length: count }, () => random.normal());
  const weights = [parameter(Tensor.from(values(2 * 2 * 9), [2, 2, 3, 3])), parameter(Tensor.from(values(3 * 8), [3, 8]), false)];
  const pixels = Array.from({ length: 4 }, () => values(2 * 4 * 4));
  const lossOf = (image: number): Tensor => {
    const maps = conv2d(Tensor.from(pixels[image], [1, 2, 4, 4]), weights[0]);
    const outputs = linear(maps.reshape(1, -1), weights[1]);
    return outputs.mul(outputs).sum();
  };
  return { weights, lossOf, images: pixels.length };
}

test("agrees with finite differences of every image in float64, averaged by hand; no other order of the means does", () => {
  const { weights, lossOf, images } = tinyNetwork();
  const step = 1e-5;
  /** dL_i / dw for every element of a weight. */
  const differences = (weight: Tensor, image: number): number[] => {
    const before = weight.numbers();
    const at = (k: number, delta: number): number =>
      noGrad(() =>
        scope(() => {
          weight.copy_(
            Tensor.from(
              Float64Array.from(before, (value, j) => (j === k ? value + delta : value)),
              weight.shape,
            ),
          );
          const loss = lossOf(image).item();
          weight.copy_(Tensor.from(Float64Array.from(before), weight.shape));
          return loss;
        }),
      );
    return before.map((_, k) => (at(k, step) - at(k, -step)) / (2 * step));
  };

  const measured = Array.from({ length: images }, (_, i) => meanAbsoluteGradients(() => lossOf(i), weights));
  weights.forEach((weight, l) => {
    const gradients = Array.from({ length: images }, (_, i) => differences(weight, i));
    const [kernels] = weight.shape;
    const size = gradients[0].length / kernels;
    // Eq. (16), then (15), then (14), as they are printed
    const g = gradients[0].map((_, k) => mean(gradients.map((image) => Math.abs(image[k]))));
    const a = Array.from({ length: kernels }, (_, k) => mean(g.slice(k * size, (k + 1) * size)));
    const mu = mean(a);
    const found = mean(measured.map((means) => means[l]));
    assert.ok(isClose(found, mu, 1e-7), `${found} is ${mu}`);

    const imagesFirst = mean(gradients[0].map((_, k) => Math.abs(mean(gradients.map((image) => image[k])))));
    const kernelsFirst = mean(
      gradients.flatMap((image) =>
        Array.from({ length: kernels }, (_, k) => Math.abs(mean(image.slice(k * size, (k + 1) * size)))),
      ),
    );
    for (const swapped of [imagesFirst, kernelsFirst]) assert.ok(!isClose(found, swapped, 0.05), `${found} is not ${swapped}`);
  });
  assert.deepEqual(
    weights.map(({ requiresGrad }) => requiresGrad),
    [true, false],
  );
});

const config: DetectorConfig = {
  ...defaultConfig,
  backbone: "resnet18",
  normalization: "group-norm",
  trainableLayers: 2,
  classes: ["a", "b"],
  input: { kind: "stretch", size: 64 },
  anchors: { sizes: [[16], [32], [64], [96], [128]], aspectRatios: [1] },
  roi: { ...defaultConfig.roi, batchSizePerImage: 32, representationSize: 16 },
};

/** Three images, the last without annotations. */
function scene(): { images: RgbImage[]; known: KnownCells[]; ids: number[] } {
  const random = new Random(8);
  const images = Array.from({ length: 3 }, () => ({
    width: 64,
    height: 64,
    data: Uint8Array.from({ length: 3 * 64 * 64 }, () => random.integer(256)),
  }));
  const none = { boxes: new Float32Array(0), labels: new Int32Array(0) };
  const known = [
    { boxes: Float32Array.of(4, 4, 20, 20, 30, 30, 48, 50), labels: Int32Array.of(1, 2) },
    { boxes: Float32Array.of(40, 8, 56, 24), labels: Int32Array.of(2) },
    none,
  ];
  return { images, known, ids: [7, 3, 12] };
}

const batchesOf = ({ images, known, ids }: TestBatch, size: number): TestBatch[] =>
  Array.from({ length: Math.ceil(ids.length / size) }, (_, i) => {
    const part = [i * size, (i + 1) * size] as const;
    return { images: images.slice(...part), known: known.slice(...part), ids: ids.slice(...part) };
  });

test("a detector's are those of a plain backward pass, averaged by hand; frozen layers have theirs", async () => {
  const whole = scene();
  const frozen = new Detector(config, { seed: 1 });
  const found = await layerGradients(frozen, [whole], { seed: 5 });
  const state = frozen.state();
  assert.equal(state.get("backbone.body.conv1.weight")?.requiresGrad, false, "frozen again");
  assert.equal(state.get("backbone.body.layer4.0.conv1.weight")?.requiresGrad, true);
  frozen.release();

  const plain = new Detector({ ...config, trainableLayers: 5 }, { seed: 1 });
  const parameters = plain.parameters();
  const byHand = whole.ids.map((id, n) =>
    scope(() => {
      for (const parameter of parameters.values()) parameter.grad = null;
      const random = new Random(5, id);
      const losses = plain.losses([whole.images[n]], [whole.known[n]], { calibration: fpn(), progress: 0, random: () => random });
      backward(losses.rpnClass, losses.rpnBox, losses.roiClass, losses.roiBox);
      return found.map(({ name }) => {
        const gradient = parameters.get(name)?.grad?.data() as Float32Array;
        let sum = 0;
        for (const value of gradient) sum += Math.abs(value);
        return sum / gradient.length;
      });
    }),
  );
  plain.release();
  assert.equal(found.length, 20 + 8 + 3 + 4);
  found.forEach(({ name, mean: mu, perImage }, l) => {
    assert.equal(perImage.length, 3);
    perImage.forEach((value, n) => {
      assert.ok(isClose(value, byHand[n][l], 1e-4), `${name} of image ${n}: ${value} is ${byHand[n][l]}`);
    });
    assert.ok(isClose(mu, mean(byHand.map((means) => means[l])), 1e-4));
    assert.ok(perImage[0] > 0 && perImage[1] > 0, name);
  });
  const boxes = found.filter(({ name }) => name.endsWith("bbox_pred.weight")).map(({ perImage }) => perImage[2]);
  assert.deepEqual(boxes, [0, 0], "an image without annotations has no box loss");
  assert.ok(found[0].perImage[2] > 0, "but one of what is no cell");
});

test("batches make no difference, nothing stays alive, and the sampling is the seed's", async () => {
  const detector = new Detector(config, { seed: 1 });
  const whole = scene();
  const before = memory();
  const done: number[] = [];
  const alone = await layerGradients(detector, batchesOf(whole, 1), { seed: 5, onImage: (count) => done.push(count) });
  assert.deepEqual(done, [1, 2, 3]);
  assert.deepEqual(memory(), before);
  assert.deepEqual(await layerGradients(detector, batchesOf(whole, 2), { seed: 5 }), alone);

  async function* later(): AsyncGenerator<TestBatch> {
    yield* batchesOf({ ids: whole.ids.toReversed(), images: whole.images.toReversed(), known: whole.known.toReversed() }, 3);
  }
  const reversed = await layerGradients(detector, later(), { seed: 5 });
  assert.deepEqual(
    reversed.map(({ perImage }) => perImage.toReversed()),
    alone.map(({ perImage }) => perImage),
  );
  assert.notDeepEqual(await layerGradients(detector, [whole], { seed: 6 }), alone);

  await assert.rejects(layerGradients(detector, [], { seed: 5 }), RangeError);
  noGrad(() => scope(() => detector.state().get("backbone.body.conv1.weight")?.mul_(Number.NaN)));
  await assert.rejects(layerGradients(detector, [whole], { seed: 5 }), DivergedError);
  assert.equal(detector.state().get("backbone.body.conv1.weight")?.requiresGrad, false, "put back after an error, too");
  assert.deepEqual(memory(), before);
  detector.release();
});

test("without the first stage's loss its layers have no gradient, and the others a different one", async () => {
  const detector = new Detector(config, { seed: 1 });
  const [all, second] = [
    await layerGradients(detector, [scene()], { seed: 5 }),
    await layerGradients(detector, [scene()], { seed: 5, loss: "second-stage" }),
  ];
  detector.release();
  const of = (gradients: readonly LayerGradient[], block: string) => gradients.filter((layer) => layer.block === block);
  assert.ok(of(second, "RPN").every((layer) => layer.mean === 0));
  assert.ok(of(all, "RPN").every((layer) => layer.mean > 0));
  assert.deepEqual(of(second, "head"), of(all, "head"));
  assert.ok(of(second, "FPN").every((layer, i) => layer.mean !== of(all, "FPN")[i].mean));
});
