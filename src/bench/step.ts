// A training step: forward, backward and optimizer, everything trainable. What benchmarks/torchvision_peer.py does with
// torchvision's detector; gradients are forgotten after the step, as the trainer does.

import { backward, Sgd, scope } from "@sparsecell/torch";
import { calibrationNamed } from "../methods/index.ts";
import { Random } from "../random.ts";
import type { BenchOptions } from "./bench-options.ts";
import { randomDetector, randomImage, randomTruths } from "./scene.ts";

export function trainingStep(options: BenchOptions): () => void {
  const { size, batch, boxes, method } = options;
  const calibration = calibrationNamed(method);
  const random = new Random(0);
  const detector = randomDetector(options);
  const optimizer = new Sgd(detector.parameters(), { lr: 1e-5, momentum: 0.9, weightDecay: 1e-4 });
  const images = Array.from({ length: batch }, () => randomImage(size, random));
  const truths = images.map(() => randomTruths(boxes, size, random));
  return () =>
    scope(() => {
      const losses = detector.losses(images, truths, { calibration, progress: 0, random });
      backward(losses.rpnClass.add(losses.rpnBox).add(losses.roiClass).add(losses.roiBox));
      optimizer.step();
      optimizer.zeroGrad();
    });
}
