// Inference, from pixels to detections.

import { Random } from "../random.ts";
import type { BenchOptions } from "./bench-options.ts";
import { randomDetector, randomImage } from "./scene.ts";

export function detection(options: BenchOptions): () => void {
  const detector = randomDetector(options);
  const random = new Random(0);
  const images = Array.from({ length: options.batch }, () => randomImage(options.size, random));
  return () => {
    detector.detect(images);
  };
}
