// Evaluation of 1,000,000 detections on 10,000 images with 500,000 cells.

import { evaluate } from "../evaluate/evaluation.ts";
import { Random } from "../random.ts";
import { randomBoxes } from "./scene.ts";

const images = 10_000;

export function evaluation(): () => void {
  const random = new Random(0);
  const boxes = (count: number) =>
    Array.from({ length: images }, (_, imageId) => {
      const all = randomBoxes(count, 800, random);
      return Array.from({ length: count }, (_, k) => ({
        imageId,
        categoryId: 1,
        box: [all[4 * k], all[4 * k + 1], all[4 * k + 2], all[4 * k + 3]] as const,
      }));
    }).flat();
  const truths = boxes(50);
  const detections = boxes(100).map((box) => ({ ...box, score: random.uniform() }));
  return () => {
    evaluate(truths, detections, { images });
  };
}
