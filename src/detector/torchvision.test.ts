// The whole detector against torchvision 0.14 on the same weights and images (test/golden/make-golden.py).

import assert from "node:assert/strict";
import { after, describe, test } from "node:test";
import { backward, scope } from "@sparsecell/torch";
import { fpn } from "../methods/fpn.ts";
import { Random } from "../random.ts";
import { type DetectorConfig, torchvisionConfig } from "../settings/detector.ts";
import { Detector } from "./detector.ts";
import {
  type GoldenDetector,
  goldenDetectors,
  goldenImage,
  goldenStateDict,
  largestDifference,
  loadGoldenWeights,
} from "./golden.fixture.ts";

const everything = 1e6; // sample sizes so large that no anchor or RoI is left out: nothing is random

function configOf(backbone: "resnet18" | "resnet50", golden: GoldenDetector): DetectorConfig {
  const { settings } = golden;
  const { preNmsTopN, postNmsTopN } = torchvisionConfig.rpn;
  return {
    ...torchvisionConfig,
    backbone,
    classes: Array.from({ length: golden.classes - 1 }, (_, i) => `class ${i + 1}`),
    input: { kind: "shortest-edge", min: golden.min_size, max: golden.max_size },
    rpn: {
      ...torchvisionConfig.rpn,
      preNmsTopN: {
        train: settings.rpn_pre_nms_top_n_train ?? preNmsTopN.train,
        test: settings.rpn_pre_nms_top_n_test ?? preNmsTopN.test,
      },
      postNmsTopN: {
        train: settings.rpn_post_nms_top_n_train ?? postNmsTopN.train,
        test: settings.rpn_post_nms_top_n_test ?? postNmsTopN.test,
      },
      batchSizePerImage: everything,
    },
    roi: { ...torchvisionConfig.roi, batchSizePerImage: everything },
    detection: { ...torchvisionConfig.detection, maxDetections: settings.box_detections_per_img ?? null },
  };
}

for (const backbone of ["resnet18", "resnet50"] as const)
  describe(`${backbone} with the weights of the golden values`, () => {
    const golden = goldenDetectors[backbone];
    const detector = new Detector(configOf(backbone, golden), { seed: 0 });
    loadGoldenWeights(detector);
    const images = golden.images.map(([height, width], n) => goldenImage(`${backbone}/${n}`, height, width));
    after(() => detector.release());

    test("proposals agree within 0.01 px", () => {
      detector.propose(images).forEach(({ boxes }, n) => {
        const { count, first } = golden.proposals[n];
        assert.equal(boxes.length / 4, count);
        assert.ok(largestDifference(boxes.subarray(0, 4 * first.length), first.flat()) < 0.01);
      });
    });

    test("boxes agree within 0.01 px, scores within 1e-4, labels exactly", () => {
      detector.detect(images).forEach(({ boxes, scores, labels }, n) => {
        const expected = golden.detections[n];
        assert.deepEqual(Array.from(labels), expected.labels);
        assert.ok(largestDifference(boxes, expected.boxes.flat()) < 0.01);
        assert.ok(largestDifference(scores, expected.scores) < 1e-4);
      });
    });

    test("losses and gradients agree within 0.1 %", () => {
      const truths = golden.truths.map(([boxes, labels]) => ({
        boxes: Float32Array.from(boxes.flat()),
        labels: Int32Array.from(labels),
      }));
      const close = (name: string, actual: number, expected: number): void =>
        assert.ok(Math.abs(actual - expected) <= 1e-3 * expected, `${name}: ${actual} for ${expected}`);
      scope(() => {
        const { rpnClass, rpnBox, roiClass, roiBox } = detector.losses(images, truths, {
          calibration: fpn(),
          progress: 0,
          random: () => new Random(1),
        });
        close("rpnClass", rpnClass.item(), golden.losses.loss_objectness);
        close("rpnBox", rpnBox.item(), golden.losses.loss_rpn_box_reg);
        close("roiClass", roiClass.item(), golden.losses.loss_classifier);
        close("roiBox", roiBox.item(), golden.losses.loss_box_reg);
        backward(rpnClass, rpnBox, roiClass, roiBox);
        const state = detector.state();
        for (const [name, norm] of Object.entries(golden.gradients)) {
          const gradient = state.get(name)?.grad?.to("float64");
          close(name, gradient ? Math.sqrt(gradient.mul(gradient).sum().item()) : Number.NaN, norm);
        }
      });
    });
  });

test("names and shapes of the state dict are those of fasterrcnn_resnet50_fpn", () => {
  const detector = new Detector(
    { ...torchvisionConfig, classes: Array.from({ length: 90 }, (_, i) => `class ${i + 1}`) },
    { seed: 0 },
  );
  assert.deepEqual(Object.fromEntries([...detector.state()].map(([name, { shape }]) => [name, shape])), goldenStateDict);
  detector.release();
});
