import assert from "node:assert/strict";
import { test } from "node:test";
import type { Annotation, Dataset } from "../data/dataset.ts";
import { type RegionKind, rectangleRing } from "../geometry/region.ts";
import { evaluate } from "./evaluation.ts";
import { judged, truthsOf } from "./truths.ts";

const left = (kind: RegionKind) => ({ kind, rings: [rectangleRing(0, 0, 50, 100)] });
const image = (id: number, regions?: ReturnType<typeof left>[]) => {
  return { id, fileName: `${id}.png`, width: 100, height: 100, group: "a", split: "test" as const, regions };
};
const cell = (id: number, imageId: number, x: number, more: Partial<Annotation> = {}): Annotation => {
  return { id, imageId, categoryId: 1, box: [x - 10, 40, x + 10, 60], hidden: false, ...more };
};
const dataset: Dataset = {
  dir: "",
  images: [image(1, [left("ignore")]), image(2, [left("complete")]), image(3)],
  categories: [
    { id: 5, name: "not mitosis", negative: true },
    { id: 1, name: "mitosis" },
  ],
  annotations: [
    cell(1, 1, 49), // its centre inside, its right half outside
    cell(2, 1, 51, { hidden: true }),
    cell(3, 2, 20),
    cell(4, 2, 60, { categoryId: 5 }),
    cell(5, 3, 20),
  ],
};

test("cells on the given images, including hidden ones, without hard negatives; ignored by the position of the centre", () => {
  const truths = truthsOf(dataset, [1, 2]);
  assert.deepEqual(
    truths.map(({ id, ignore, hidden }) => [id, ignore ?? false, hidden]),
    [
      [1, true, false],
      [2, false, true],
      [3, false, false],
    ],
  );
  assert.deepEqual(truthsOf(dataset, []), []);
});

test("detections in an ignored region do not count, others on the same image do", () => {
  const detections = [10, 49, 51].flatMap((x) => [1, 2, 3].map((id) => ({ ...cell(0, id, x), score: 0.5 })));
  assert.deepEqual(
    judged(detections, dataset.images).map(({ imageId, box }) => [imageId, box[0] + 10]),
    [
      [2, 10],
      [3, 10],
      [2, 49],
      [3, 49],
      [1, 51],
      [2, 51],
      [3, 51],
    ],
  );
  const counted = judged(detections, dataset.images).filter(({ imageId }) => imageId === 1);
  const { truths, truePositives, falsePositives, falseNegatives } = evaluate(truthsOf(dataset, [1]), counted);
  assert.deepEqual(
    { truths, truePositives, falsePositives, falseNegatives },
    { truths: 1, truePositives: 1, falsePositives: 0, falseNegatives: 0 },
  );
});
