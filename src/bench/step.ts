// A training step: forward, backward and optimizer, everything trainable. What benchmarks/torchvision_peer.py does with
// torchvision's detector; gradients are forgotten after the step, as the trainer does.

import { backward, Sgd, scope } from "@sparsecell/torch";
import { calibrationNamed } from "../methods/index.ts";
import { Random } from "../random.ts";
import type { BenchOptions } from "./bench-options.ts";
import { randomCells, randomDetector, randomImage } from "./scene.ts";

export function trainingStep(options: BenchOptions): () => void {
  const { size, batch, boxes, method } = options;
  const calibration = calibrationNamed(method);
  const random = new Random(0);
  const detector = randomDetector(options);
  const optimizer = new Sgd(detector.parameters(), { lr: 1e-5, momentum: 0.9, weightDecay: 1e-4 });
  const images = Array.from({ length: batch }, () => randomImage(size, random));
  const known = images.map(() => randomCells(boxes, size, random));
  return () =>
    scope(() => {
      const losses = detector.losses(images, known, { calibration, progress: 0, random: () => random });
      backward(Object.values(losses).reduce((sum, part) => sum.add(part)));
      optimizer.step();
      optimizer.zeroGrad();
    });
}
