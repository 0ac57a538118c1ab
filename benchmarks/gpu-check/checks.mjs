// What must be the same on a card as on the processor: operators, random numbers, losses and their gradients, a few training
// steps, detections, memory. test/cuda.test.mjs runs them where there is a card, benchmarks/gpu-check.mjs with them the rest.

import assert from "node:assert/strict";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { backward, call, Generator, memory, randn, Sgd, scope } from "@sparsecell/torch";
import { bde, Detector, defaultConfig, readImage, stepRandom, synthesizeDataset } from "sparsecell";

const config = {
  ...defaultConfig,
  backbone: "resnet18",
  normalization: "group-norm",
  input: { kind: "stretch", size: 96 },
  anchors: { sizes: [[24], [32], [64], [128], [256]], aspectRatios: [1] },
  roi: { ...defaultConfig.roi, batchSizePerImage: 64, representationSize: 64 },
};

/** A batch of two drawn patches with all their cells. */
async function drawnBatch() {
  const dir = mkdtempSync(join(tmpdir(), "card-"));
  try {
    const tissue = await synthesizeDataset({ kind: "ki67", images: 2, width: 96, height: 96, boxSize: 24, seed: 1, dir });
    const images = await Promise.all(tissue.images.map(({ fileName }) => readImage(join(dir, "images", fileName))));
    const known = tissue.images.map(({ id }) => {
      const boxes = tissue.annotations.filter(({ imageId }) => imageId === id).map(({ box }) => box);
      return { boxes: Float32Array.from(boxes.flat()), labels: new Int32Array(boxes.length).fill(1) };
    });
    return { images, known };
  } finally {
    rmSync(dir, { recursive: true });
  }
}

/** Losses of `steps` training steps. */
function train(detector, { images, known }, steps) {
  const optimizer = new Sgd(detector.parameters(), { lr: 0.005, momentum: 0.9, weightDecay: 1e-4 });
  return Array.from({ length: steps }, (_, step) =>
    scope(() => {
      const losses = detector.losses(images, known, { calibration: bde(), progress: step / steps, random: stepRandom(1, step) });
      const loss = Object.values(losses).reduce((sum, part) => sum.add(part));
      backward(loss);
      optimizer.step();
      optimizer.zeroGrad();
      return loss.item();
    }),
  );
}

function near(actual, expected, tolerance, what) {
  const off = Math.abs(actual - expected) / Math.max(1, Math.abs(expected));
  assert.ok(off <= tolerance, `${what}: ${actual} on the card, ${expected} on the processor`);
}

/** [name, function] of each check of `device`; `tolerance`: of a loss, relative. A card multiplies in TF32 where that is allowed. */
export async function checks(device, tolerance = 5e-3) {
  const batch = await drawnBatch();
  const both = (work) => {
    const results = ["cpu", device].map((where) => {
      const detector = new Detector(config, { seed: 1, device: where });
      try {
        return work(detector, where);
      } finally {
        detector.release();
      }
    });
    return { expected: results[0], actual: results[1] };
  };
  return [
    [
      "operators: a convolution, a matrix product and a sum",
      () =>
        scope(() => {
          const generator = new Generator(0);
          const [x, weight] = [randn([2, 8, 16, 16], generator), randn([4, 8, 3, 3], generator)];
          const sum = (...tensors) => {
            const y = call("conv2d", tensors);
            return call("sum", [call("matmul", [y, y])]).item();
          };
          near(sum(x.toDevice(device), weight.toDevice(device)), sum(x, weight), 2 * tolerance, "sum");
        }),
    ],
    [
      "the losses of the first step, each of them",
      () => {
        const { expected, actual } = both((detector) =>
          scope(() => {
            const random = stepRandom(1, 0);
            const losses = detector.losses(batch.images, batch.known, { calibration: bde(), progress: 0, random });
            return Object.entries(losses).map(([name, loss]) => [name, loss.item()]);
          }),
        );
        for (const [i, [name, loss]] of expected.entries()) near(actual[i][1], loss, tolerance, name);
      },
    ],
    [
      "four training steps",
      () => {
        const { expected, actual } = both((detector) => train(detector, batch, 4));
        for (const [step, loss] of expected.entries()) near(actual[step], loss, 10 * tolerance, `loss of step ${step + 1}`);
      },
    ],
    [
      "detections: as many, and the surest one at the same place",
      () => {
        const { expected, actual } = both((detector) => scope(() => detector.detect(batch.images)));
        for (const [i, { boxes, scores }] of expected.entries()) {
          near(actual[i].scores.length, scores.length, 0.2, "detections");
          near(actual[i].scores[0], scores[0], 10 * tolerance, "best score");
          assert.equal(actual[i].boxes.length, 4 * actual[i].scores.length);
          assert.ok(boxes.length > 0);
        }
      },
    ],
    [
      "two trainings on the card end with equal losses within rounding, and leave no tensor behind",
      () => {
        const losses = [0, 1].map(() => {
          const before = memory().tensors;
          const detector = new Detector(config, { seed: 1, device });
          const losses = train(detector, batch, 3);
          detector.release();
          return { losses, left: memory().tensors - before };
        });
        near(losses[1].losses[2], losses[0].losses[2], 10 * tolerance, "loss of step 3");
        assert.ok(losses[1].left <= losses[0].left, `${losses[1].left} tensors were left`);
      },
    ],
  ];
}
