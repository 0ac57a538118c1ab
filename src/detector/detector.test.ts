import assert from "node:assert/strict";
import { after, describe, test } from "node:test";
import { backward, memory, release, scope, type Tensor } from "@sparsecell/torch";
import type { RgbImage } from "../data/image-file.ts";
import { bde } from "../methods/bde.ts";
import { calibrationNamed, methods } from "../methods/index.ts";
import { Random } from "../random.ts";
import { type DetectorConfig, defaultConfig } from "../settings/detector.ts";
import { Detector, type DetectorLosses, type ImageDetections } from "./detector.ts";
import { goldenImage, largestDifference, loadGoldenWeights } from "./golden.fixture.ts";
import type { KnownCells } from "./known-cells.ts";

const tiny: DetectorConfig = {
  ...defaultConfig,
  backbone: "resnet18",
  normalization: "group-norm",
  input: { kind: "stretch", size: 64 },
  anchors: { sizes: [[8], [16], [32], [64], [128]], aspectRatios: [1] },
  rpn: {
    ...defaultConfig.rpn,
    preNmsTopN: { train: 100, test: 60 },
    postNmsTopN: { train: 60, test: 40 },
    batchSizePerImage: 1e6,
  }, // all anchors: every level takes part
  roi: { ...defaultConfig.roi, representationSize: 32, batchSizePerImage: 32 },
};

const image = goldenImage("detector", 48, 60);
const other = goldenImage("detector/2", 40, 90);
const cells: KnownCells = { boxes: Float32Array.of(5, 6, 17, 18, 30, 20, 44, 33), labels: Int32Array.of(1, 1) };
const oneCell: KnownCells = { boxes: Float32Array.of(40, 10, 52, 25), labels: Int32Array.of(1) };
const noCells: KnownCells = { boxes: new Float32Array(0), labels: new Int32Array(0) };

interface Gradient {
  readonly norm: number;
  readonly bytes: Uint8Array;
}

interface Step {
  readonly losses: Record<keyof DetectorLosses, number>;
  /** Of every parameter that got one. */
  readonly gradients: Map<string, Gradient>;
}

/** DetectorLosses and gradients, which are forgotten afterwards. */
function step(
  detector: Detector,
  images: readonly RgbImage[],
  truths: readonly KnownCells[],
  seed = 1,
  calibration = bde(),
): Step {
  return scope(() => {
    const losses = detector.losses(images, truths, { calibration, progress: 0.9, random: () => new Random(seed) });
    backward(losses.rpnClass, losses.rpnBox, losses.roiClass, losses.roiBox);
    const gradients = new Map<string, Gradient>();
    for (const [name, weight] of detector.parameters()) {
      const gradient = weight.grad;
      if (gradient) gradients.set(name, { norm: Math.sqrt(gradient.mul(gradient).sum().item()), bytes: gradient.bytes() });
      weight.grad = null;
    }
    const value = (part: Tensor): number => part.item();
    return {
      losses: {
        rpnClass: value(losses.rpnClass),
        rpnBox: value(losses.rpnBox),
        roiClass: value(losses.roiClass),
        roiBox: value(losses.roiBox),
      },
      gradients,
    };
  });
}

function assertFinite({ losses, gradients }: Step): void {
  assert.ok(Object.values(losses).every(Number.isFinite), JSON.stringify(losses));
  for (const [name, { norm }] of gradients) assert.ok(Number.isFinite(norm), `gradient of ${name}`);
}

const norm = ({ gradients }: Step, name: string): number => gradients.get(name)?.norm ?? 0;

function assertSameBits(actual: Step, expected: Step): void {
  assert.deepEqual(actual.losses, expected.losses);
  assert.deepEqual([...actual.gradients.keys()], [...expected.gradients.keys()]);
  for (const [name, { bytes }] of actual.gradients)
    assert.equal(Buffer.compare(bytes, expected.gradients.get(name)?.bytes ?? bytes.subarray(1)), 0, name);
}

describe("a tiny detector", () => {
  const detector = new Detector(tiny, { seed: 4 });
  after(() => detector.release());

  test("learns from annotated cells: every loss is positive and every parameter gets a gradient", () => {
    const result = step(detector, [image], [cells]);
    assertFinite(result);
    for (const [part, value] of Object.entries(result.losses)) assert.ok(value > 0, part);
    for (const name of detector.parameters().keys()) assert.ok(norm(result, name) > 0, name);
  });

  test("learns from an image without annotation: nothing to regress", () => {
    const result = step(detector, [image], [noCells]);
    assertFinite(result);
    const { rpnClass, rpnBox, roiClass, roiBox } = result.losses;
    assert.deepEqual([rpnBox, roiBox], [0, 0]);
    assert.ok(rpnClass > 0 && roiClass > 0);
    assert.equal(norm(result, "roi_heads.box_predictor.bbox_pred.weight"), 0);
    assert.ok(norm(result, "roi_heads.box_predictor.cls_score.weight") > 0);
  });

  test("learns from one cell, and from a mixture with an image without", () => {
    assertFinite(step(detector, [image], [oneCell]));
    assertFinite(step(detector, [image, other], [noCells, oneCell]));
  });

  test("learns from a cell that fills the image, and from one of a pixel", () => {
    for (const box of [
      [0, 0, 60, 48],
      [20, 20, 21, 21],
    ]) {
      const { losses, gradients } = step(detector, [image], [{ boxes: Float32Array.from(box), labels: Int32Array.of(1) }]);
      assertFinite({ losses, gradients });
      assert.ok(losses.rpnBox > 0 && losses.roiBox > 0);
    }
  });

  test("takes images of any size, down to a pixel", () => {
    for (const [height, width] of [
      [1, 1],
      [32, 32],
      [3, 200],
    ]) {
      const small = goldenImage(`small ${height}`, height, width);
      assertFinite(step(detector, [small], [noCells]));
      const [{ boxes }] = detector.detect([small]);
      assert.ok(boxes.every((value, i) => value >= 0 && value <= (i % 2 === 0 ? width : height) + 1e-4));
    }
  });

  test("the same seeds give the same bits; another choice of anchors and RoIs gives others", () => {
    const twin = new Detector(tiny, { seed: 4 });
    const first = step(detector, [image, other], [cells, oneCell]);
    assertSameBits(step(twin, [image, other], [cells, oneCell]), first);
    assertSameBits(step(detector, [image, other], [cells, oneCell]), first);
    assert.notDeepEqual(step(detector, [image, other], [cells, oneCell], 2).losses, first.losses);
    assert.deepEqual(twin.detect([image]), detector.detect([image]));
    twin.release();
  });

  test("its verbs have no modes: what is found and proposed is the same before and after a loss", () => {
    const before = { found: detector.detect([image]), proposed: detector.propose([image]) };
    step(detector, [image], [cells]);
    assert.deepEqual({ found: detector.detect([image]), proposed: detector.propose([image]) }, before);
  });

  test("leaves no tensor behind", () => {
    const cycle = (): void => {
      scope(() => {
        const { rpnClass, rpnBox, roiClass, roiBox } = detector.losses([image, other], [cells, noCells], {
          calibration: bde(),
          progress: 0,
          random: () => new Random(1),
        });
        backward(rpnClass, rpnBox, roiClass, roiBox);
      });
      detector.detect([image]);
      detector.propose([image]);
    };
    cycle(); // gradients stay with their parameters, and the first backward makes them
    const before = memory();
    for (let i = 0; i < 3; i++) cycle();
    assert.deepEqual(memory(), before);
    for (const weight of detector.parameters().values()) weight.grad = null;
  });

  test("hands its four losses out of `losses`, and no other tensor", () => {
    const before = memory().tensors;
    const losses = detector.losses([image], [cells], { calibration: bde(), progress: 0, random: () => new Random(1) });
    assert.equal(memory().tensors - before, 4);
    for (const part of Object.values(losses)) release(part);
  });
});

test("without any proposal it trains and detects", () => {
  const detector = new Detector({ ...tiny, rpn: { ...tiny.rpn, postNmsTopN: { train: 0, test: 0 } } }, { seed: 1 });
  const nothing = step(detector, [image], [noCells]);
  assertFinite(nothing);
  assert.deepEqual([nothing.losses.roiClass, nothing.losses.roiBox], [0, 0]);
  assert.ok(nothing.losses.rpnClass > 0);
  const annotated = step(detector, [image], [cells]); // annotated boxes are RoIs, too
  assertFinite(annotated);
  assert.ok(annotated.losses.roiClass > 0 && annotated.losses.roiBox > 0);
  const [{ boxes, scores, labels, capped }] = detector.detect([image]);
  assert.deepEqual([boxes.length, scores.length, labels.length, capped], [0, 0, 0, false]);
  detector.release();
});

test("finds the same in a batch as in each image alone", () => {
  const detector = new Detector({ ...tiny, normalization: "frozen-batch-norm" }, { seed: 4 });
  loadGoldenWeights(detector); // with the first random weights all scores are alike
  const best = (images: RgbImage[]): Float32Array[] => detector.detect(images).map(({ scores }) => scores.subarray(0, 10));
  const together = best([image, other]);
  assert.equal(together[0].length, 10);
  assert.ok(largestDifference(together[0], together[1]) > 0.01);
  for (const [n, own] of [image, other].entries()) assert.ok(largestDifference(together[n], best([own])[0]) < 1e-3);
  detector.release();
});

test("what is wanted of an image is found as in all of it", () => {
  const detector = new Detector({ ...tiny, normalization: "frozen-batch-norm" }, { seed: 4 });
  loadGoldenWeights(detector);
  const core = [0, 0, image.width / 2, image.height] as const;
  const inCore = ({ boxes, scores }: ImageDetections) =>
    [...scores.keys()]
      .filter((k) => boxes[4 * k] + boxes[4 * k + 2] < image.width)
      .map((k) => [scores[k], ...boxes.subarray(4 * k, 4 * k + 4)]);
  const [whole] = detector.detect([image]);
  const [part] = detector.detect([image], [core]);
  const [expected, found] = [inCore(whole), inCore(part)];
  assert.ok(expected.length > 3);
  assert.equal(found.length, expected.length);
  assert.ok(largestDifference(found.flat(), expected.flat()) < 1e-3);
  detector.release();
});

test("images of different sizes in one batch keep their own size", () => {
  const detector = new Detector(
    { ...tiny, input: { kind: "shortest-edge", min: 48, max: 100 }, detection: { ...tiny.detection, scoreThreshold: 0 } },
    { seed: 1 },
  );
  assertFinite(step(detector, [image, other], [cells, oneCell]));
  for (const [n, { boxes }] of detector.detect([image, other]).entries()) {
    const { width, height } = [image, other][n];
    assert.ok(boxes.length > 0);
    assert.ok(boxes.every((value, i) => value >= 0 && value <= (i % 2 === 0 ? width : height) + 1e-3));
  }
  for (const [n, { boxes }] of detector.propose([image, other]).entries()) // in pixels of the input: 48 × 60, and 44 × 100 beside zeros
    assert.ok(boxes.every((value, i) => value <= (i % 2 === 0 ? [60, 100] : [48, 44])[n]));
  detector.release();
});

test("in bfloat16 the losses are within a few percent of float32's", () => {
  const wide: DetectorConfig = { ...tiny, rpn: { ...tiny.rpn, postNmsTopN: { train: 0, test: 0 } } }; // RoIs: the annotated boxes
  const [exact, coarse] = (["float32", "bfloat16"] as const).map((dtype) => {
    const detector = new Detector(wide, { seed: 4, dtype });
    const result = step(detector, [image], [cells]);
    assertFinite(result);
    detector.release();
    return result;
  });
  for (const part of ["rpnClass", "rpnBox", "roiClass", "roiBox"] as const)
    assert.ok(
      Math.abs(coarse.losses[part] - exact.losses[part]) < 0.05 * exact.losses[part] + 1e-5,
      `${part}: ${coarse.losses[part]} for ${exact.losses[part]}`,
    );
  for (const name of ["backbone.body.conv1.weight", "roi_heads.box_head.fc6.bias", "rpn.head.conv.0.0.bias"])
    assert.ok(Math.abs(norm(coarse, name) / norm(exact, name) - 1) < 0.2, name);
});

test("channels_last is a layout, not a method: the same losses and gradients without it", () => {
  const [last, first] = [true, false].map((channelsLast) => {
    const detector = new Detector(tiny, { seed: 1, channelsLast });
    const weight = detector.state().get("backbone.body.layer1.0.conv1.weight");
    assert.deepEqual(weight?.strides, channelsLast ? [576, 1, 192, 64] : [576, 9, 3, 1]);
    const result = step(detector, [image], [cells]);
    detector.release();
    return result;
  });
  assertFinite(first);
  for (const [part, value] of Object.entries(first.losses))
    assert.ok(Math.abs(value - last.losses[part as keyof DetectorLosses]) < 1e-3 * value, part);
  for (const name of last.gradients.keys()) {
    const [a, b] = [norm(first, name), norm(last, name)];
    assert.ok(Math.abs(a - b) <= 0.01 * Math.max(a, b) + 1e-6, `${name}: ${a} is ${b}`);
  }
});

test("the layers that the paper counts: 80 with a head for each level, 68 with a shared one", () => {
  for (const [heads, layers] of [
    ["per-level", 80],
    ["shared", 68],
  ] as const) {
    const detector = new Detector({ ...tiny, backbone: "resnet50", rpn: { ...tiny.rpn, heads } }, { seed: 0 });
    assert.equal(
      [...detector.state().values()].filter((tensor) => tensor.shape.length === 4 || tensor.shape.length === 2).length,
      layers,
    );
    detector.release();
  }
});

test("frozen stages get no gradient, the others do", () => {
  const detector = new Detector({ ...tiny, trainableLayers: 3 }, { seed: 4 });
  const result = step(detector, [image], [cells]);
  for (const [name, { requiresGrad, grad }] of detector.state()) {
    const frozen = /body\.(conv1|bn1|layer1)\./.test(name);
    assert.equal(requiresGrad, !frozen, name);
    assert.ok(frozen ? grad === null : norm(result, name) > 0, name);
  }
  detector.release();
});

test("several classes, several anchors a position, heads for each level: all train", () => {
  const config: DetectorConfig = {
    ...tiny,
    classes: ["a", "b", "c"],
    anchors: { ...tiny.anchors, aspectRatios: [0.5, 1, 2] },
    rpn: { ...tiny.rpn, heads: "per-level" },
  };
  const detector = new Detector(config, { seed: 4 });
  const result = step(detector, [image], [{ boxes: cells.boxes, labels: Int32Array.of(3, 1) }]);
  assertFinite(result);
  for (let level = 0; level < 5; level++) assert.ok(norm(result, `rpn.head.${level}.conv.0.0.weight`) > 0, `level ${level}`);
  detector.release();
});

test("every method trains a detector of two classes, with regions and hard negatives, and an image without annotation", () => {
  const detector = new Detector({ ...tiny, classes: ["one", "two"] }, { seed: 1 });
  const known: KnownCells = {
    boxes: cells.boxes,
    labels: Int32Array.of(1, 2),
    negatives: Float32Array.of(10, 30, 20, 40),
    regions: [
      { kind: "ignore", rings: [[0, 0, 30, 0, 0, 30]] },
      { kind: "complete", rings: [[60, 48, 30, 48, 60, 20]] },
    ],
  };
  const names = [...methods.map(({ id }) => id), "bde:boxes=all", "bde:rpn=true", "bde:regressed=false"];
  for (const name of names) {
    const one = step(detector, [image, other], [known, noCells], 1, calibrationNamed(name));
    assertFinite(one);
    assert.ok(norm(one, "roi_heads.box_predictor.cls_score.weight") > 0, name);
    assertSameBits(one, step(detector, [image, other], [known, noCells], 1, calibrationNamed(name)));
  }
  detector.release();
});
