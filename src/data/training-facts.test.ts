import assert from "node:assert/strict";
import { test } from "node:test";
import type { Dataset } from "./dataset.ts";
import { changedFacts, trainingFacts } from "./training-facts.ts";

const dataset: Dataset = {
  dir: "/nowhere",
  images: [
    { id: 1, fileName: "a.png", width: 100, height: 80, group: "a", split: "train", mpp: 0.5 },
    { id: 2, fileName: "b.png", width: 300, height: 80, group: "b", split: "test" },
  ],
  annotations: [
    { id: 1, imageId: 1, categoryId: 1, box: [0, 0, 10, 10], hidden: false },
    { id: 2, imageId: 1, categoryId: 1, box: [20, 0, 30, 10], hidden: true },
    { id: 3, imageId: 2, categoryId: 1, box: [20, 0, 30, 10], hidden: false },
  ],
  categories: [{ id: 1, name: "cell" }],
};

const changes = (change: Partial<Dataset>) => changedFacts(trainingFacts(dataset), trainingFacts({ ...dataset, ...change }));
const [first, hidden, test1] = dataset.annotations;

test("what training sees is told apart, what it does not see is not", () => {
  assert.deepEqual(changes({}), []);
  assert.deepEqual(changes({ annotations: [first, hidden] }), []); // of the test split
  assert.deepEqual(changes({ annotations: [first, test1] }), []); // hidden
  assert.deepEqual(changes({ annotations: [first, { ...hidden, hidden: false }] }), ["annotations (1 before, 2 now)"]);
  assert.deepEqual(changes({ annotations: [{ ...first, box: [0, 0, 10, 11] }] }), ["annotations (1, but not the same)"]);
  assert.deepEqual(changes({ categories: [{ id: 1, name: "nucleus" }] }), ["categories (1, but not the same)"]);
  const regions = [{ kind: "ignore" as const, rings: [[0, 0, 5, 0, 5, 5]] }];
  assert.deepEqual(changes({ images: [{ ...dataset.images[0], regions }, dataset.images[1]] }), ["regions (0 before, 1 now)"]);
});

test("the scale is that of the training images", () => {
  assert.deepEqual(trainingFacts(dataset).imageSize, { width: 100, height: 80, mpp: 0.5 });
});
