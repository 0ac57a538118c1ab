// Non-maximum suppression of the first stage's candidates: five levels of 2,000 boxes.

import { nms } from "../geometry/nms.ts";
import { Random } from "../random.ts";
import type { BenchOptions } from "./bench-options.ts";
import { randomBoxes } from "./scene.ts";

export function suppression({ size }: BenchOptions): () => void {
  const random = new Random(0);
  const boxes = randomBoxes(10_000, size, random);
  const scores = Float32Array.from({ length: 10_000 }, () => random.uniform());
  const levels = Int32Array.from({ length: 10_000 }, (_, k) => k % 5);
  return () => {
    nms(boxes, scores, 0.7, levels);
  };
}
