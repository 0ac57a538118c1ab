// The graph, run by ONNX Runtime, finds what the detector finds.

import assert from "node:assert/strict";
import { test } from "node:test";
import type { RgbImage } from "../../data/image-file.ts";
import { Detector } from "../../detector/detector.ts";
import { bytesOf, fieldsOf } from "../../files/protobuf-reader.ts";
import { Random } from "../../random.ts";
import { type DetectorConfig, defaultConfig, type InputSize } from "../../settings/detector.ts";
import { onnxModel } from "./model.ts";
import { disagreement, runOnnx, runtime, weightsOf } from "./onnx.fixture.ts";

const skip = runtime ? false : "ONNX Runtime has no binaries for this system";

/** Few proposals: where many boxes overlap, one of their many decisions may hang on the last bit. */
const small: DetectorConfig = {
  ...defaultConfig,
  backbone: "resnet18",
  normalization: "group-norm",
  classes: ["positive", "negative"],
  input: { kind: "resolution", window: 64, mpp: 0.5, scale: 1 },
  anchors: { ...defaultConfig.anchors, sizes: [[12], [24], [48], [96], [192]] },
  rpn: { ...defaultConfig.rpn, preNmsTopN: { train: 60, test: 30 }, postNmsTopN: { train: 60, test: 15 } },
  roi: { ...defaultConfig.roi, representationSize: 64 },
};

function noise(width: number, height: number): RgbImage {
  const random = new Random(width, height);
  return { width, height, data: Uint8Array.from({ length: 3 * width * height }, () => random.integer(256)) };
}

/** How many cells each of the two finds on each image. */
async function compare(config: DetectorConfig, images: readonly RgbImage[]): Promise<number[]> {
  const detector = new Detector(config, { seed: 7 });
  try {
    const model = Buffer.concat(onnxModel({ config, weights: weightsOf(detector), metadata: {} }));
    const session = await runtime!.InferenceSession.create(model, { intraOpNumThreads: 1 });
    const counts: number[] = [];
    for (const image of images) {
      const [expected] = detector.detect([image]);
      const { lost, pixels, score } = disagreement(expected, await runOnnx(session, image));
      const where = `${image.width}×${image.height}, ${expected.scores.length} cells`;
      assert.equal(lost, 0, where);
      assert.ok(pixels < 0.01 && score < 1e-4, `${where}: ${pixels} pixels, ${score} in score`);
      counts.push(expected.scores.length);
    }
    await session.release();
    return counts;
  } finally {
    detector.release();
  }
}

test("many cells, at sizes that are multiples of 64 and at others", { skip }, async () => {
  const counts = await compare(small, [noise(64, 64), noise(192, 128), noise(100, 150), noise(33, 20)]);
  assert.ok(counts.every((count) => count > 10) && counts[1] > counts[0], `${counts}`); // limits grow with the image
});

test("one cell, and none", { skip }, async () => {
  const detection = { ...small.detection, scoreThreshold: 0.1, maxDetections: 1 };
  assert.deepEqual(await compare({ ...small, detection }, [noise(64, 128)]), [1]);
  const none = { ...small.detection, scoreThreshold: 0.999 };
  assert.deepEqual(await compare({ ...small, detection: none }, [noise(64, 128)]), [0]);
  assert.deepEqual(await compare({ ...small, rpn: { ...small.rpn, scoreThreshold: 0.999 } }, [noise(64, 128)]), [0]);
});

test("a head for each level, batch normalisation, bottlenecks, several anchors on a level", { skip }, async () => {
  const counts = await compare(
    {
      ...small,
      backbone: "resnet50",
      normalization: "frozen-batch-norm",
      batchNormEps: 1e-3,
      classes: ["cell"],
      anchors: {
        sizes: [
          [8, 12],
          [16, 24],
          [32, 48],
          [64, 96],
          [128, 192],
        ],
        aspectRatios: [0.5, 1],
      },
      rpn: { ...small.rpn, heads: "per-level" },
    },
    [noise(128, 64)],
  );
  assert.ok(counts[0] > 5, `${counts}`);
});

const inputs: readonly InputSize[] = [
  { kind: "stretch", size: 96 },
  { kind: "letterbox", size: 96 },
  { kind: "shortest-edge", min: 90, max: 130 },
];
for (const input of inputs)
  test(`input ${input.kind}: boxes are in pixels of the image as it came`, { skip }, async () => {
    const counts = await compare({ ...small, input }, [noise(64, 64), noise(200, 90), noise(50, 131)]);
    assert.ok(
      counts.every((count) => count > 5),
      `${counts}`,
    );
  });

test("what goes with the graph", () => {
  const detector = new Detector(small, { seed: 7 });
  const metadata = { mpp: "0.5", classes: '["positive","negative"]' };
  const fields = fieldsOf(Buffer.concat(onnxModel({ config: small, weights: weightsOf(detector), metadata })));
  detector.release();
  const texts = bytesOf(fields, 14).map((entry) => fieldsOf(entry).map(({ value }) => String(value)));
  assert.deepEqual(Object.fromEntries(texts), metadata);
  const [graph] = bytesOf(fields, 7).map(fieldsOf);
  const names = (field: number) => bytesOf(graph, field).map((value) => String(bytesOf(fieldsOf(value), 1)[0]));
  assert.deepEqual([names(11), names(12)], [["image"], ["boxes", "scores", "labels"]]);
});
