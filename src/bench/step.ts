// A training step: forward, backward and optimizer, everything trainable. What benchmarks/torchvision_peer.py does with
// torchvision's detector; gradients are forgotten after the step, as the trainer does. In the middle of a training, where
// procedures that wait for a part of it are at work.

import { backward, Sgd, scope } from "@sparsecell/torch";
import { trainingMethodNamed } from "../procedures/index.ts";
import type { View } from "../procedures/procedure.ts";
import { Random } from "../random.ts";
import type { BenchOptions } from "./bench-options.ts";
import { randomCells, randomDetector, randomImage } from "./scene.ts";

export function trainingStep(options: BenchOptions): () => void {
  const { size, batch, boxes, method } = options;
  const random = new Random(0);
  const detector = randomDetector(options);
  const procedure = trainingMethodNamed(method).procedure(detector);
  const optimizer = new Sgd(detector.parameters(), { lr: 1e-5, momentum: 0.9, weightDecay: 1e-4 });
  const images = Array.from({ length: batch }, () => randomImage(size, random));
  const view: View = {
    images,
    known: images.map(() => randomCells(boxes, size, random)),
    symmetries: images.map(() => ({ mirrorX: false, mirrorY: false, transpose: false })),
  };
  const seen = { ...view, names: images.map(String), second: view };
  let steps = 0;
  return () =>
    scope(() => {
      const step = { detector, batch: seen, step: ++steps, progress: 0.5, random: () => random };
      const { losses, observed = {} } = procedure.losses(step);
      backward(Object.values(losses).reduce((sum, part) => sum.add(part)));
      optimizer.step();
      optimizer.zeroGrad();
      procedure.afterStep?.(step, observed);
    });
}
