// Evaluation of 1,000,000 detections on 10,000 images with 500,000 cells.

import { evaluate } from "../evaluate/evaluation.ts";
import { toBoxes } from "../geometry/rows.ts";
import { Random } from "../random.ts";
import { randomBoxes } from "./scene.ts";

const images = 10_000;

export function evaluation(): () => void {
  const random = new Random(0);
  const boxes = (count: number) =>
    Array.from({ length: images }, (_, imageId) =>
      toBoxes(randomBoxes(count, 800, random)).map((box) => ({ imageId, categoryId: 1, box })),
    ).flat();
  const truths = boxes(50);
  const detections = boxes(100).map((box) => ({ ...box, score: random.uniform() }));
  return () => {
    evaluate(truths, detections, { images });
  };
}
