// The time of a training step on random pixels: forward, backward and optimizer, everything trainable. torchvision's own
// step is timed the same way by benchmarks/torchvision_step.py.

import { backward, runtime, Sgd, scope, synchronize } from "@sparsecell/torch";
import { calibrationNamed } from "../calibration/index.ts";
import type { RgbImage } from "../data/image-file.ts";
import { type Backbone, defaultConfig } from "../detector/config.ts";
import { Detector } from "../detector/detector.ts";
import type { Truths } from "../detector/truths.ts";
import { Random } from "../random.ts";

export interface StepTimeOptions {
  readonly backbone: Backbone;
  readonly size: number;
  readonly batch: number;
  /** Annotated boxes of an image. */
  readonly boxes: number;
  readonly steps: number;
  readonly method: string;
  readonly dtype: "float32" | "bfloat16";
  readonly device: string;
}

export interface StepTime {
  /** Median. */
  readonly secondsPerStep: number;
  readonly seconds: readonly number[];
  /** Largest resident memory of the process so far. */
  readonly peakMiB: number;
  readonly threads: number;
  readonly libtorch: string;
}

export function timeSteps({ backbone, size, batch, boxes, steps, method, dtype, device }: StepTimeOptions): StepTime {
  const calibration = calibrationNamed(method);
  const random = new Random(0);
  const detector = new Detector({ ...defaultConfig, backbone, input: { kind: "stretch", size } }, { seed: 0, dtype, device });
  const optimizer = new Sgd(detector.parameters(), { lr: 1e-5, momentum: 0.9, weightDecay: 1e-4 });
  const images = Array.from({ length: batch }, () => randomImage(size, random));
  const truths = images.map(() => randomTruths(boxes, size, random));
  const seconds: number[] = [];
  for (let step = -2; step < steps; step++) {
    const start = performance.now();
    scope(() => {
      const losses = detector.losses(images, truths, { calibration, progress: 0, random });
      optimizer.zeroGrad();
      backward(losses.rpnClass.add(losses.rpnBox).add(losses.roiClass).add(losses.roiBox));
      optimizer.step();
    });
    synchronize();
    if (step >= 0) seconds.push((performance.now() - start) / 1000);
  }
  const { threads, version } = runtime();
  const secondsPerStep = seconds.toSorted((a, b) => a - b)[seconds.length >> 1];
  return { secondsPerStep, seconds, peakMiB: Math.round(process.resourceUsage().maxRSS / 1024), threads, libtorch: version };
}

function randomImage(size: number, random: Random): RgbImage {
  return { width: size, height: size, data: Uint8Array.from({ length: 3 * size * size }, () => random.integer(256)) };
}

function randomTruths(count: number, size: number, random: Random): Truths {
  const side = Math.min(32, size / 2);
  const corners = Array.from({ length: count }, () => [random.uniform(0, size - side), random.uniform(0, size - side)]);
  return {
    boxes: Float32Array.from(corners.flatMap(([x, y]) => [x, y, x + side, y + side])),
    labels: new Int32Array(count).fill(1),
  };
}
