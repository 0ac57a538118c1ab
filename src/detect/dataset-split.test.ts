// A model on a dataset's test images: whose ids the detections have, and which annotations count.

import assert from "node:assert/strict";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, test } from "node:test";
import type { Dataset } from "../data/dataset.ts";
import { readDatasetImage } from "../data/dataset-image.ts";
import { trainingFacts } from "../data/training-facts.ts";
import { loadDetector } from "../detector/weights.ts";
import { rectangleRing } from "../geometry/region.ts";
import type { RunFolder } from "../runs/run-folder.ts";
import { tinyConfig, tinyDataset, untrainedRun } from "../train/run.fixture.ts";
import { detectSplit, writeDetections } from "./dataset-split.ts";

const root = mkdtempSync(join(tmpdir(), "test-split-"));
after(() => rmSync(root, { recursive: true }));

let dataset: Dataset; // its category ids are not 1, 2, …
let run: RunFolder;
before(async () => {
  const drawn = await tinyDataset(root);
  const categories = [
    { id: 30, name: "none of these" },
    { id: 7, name: "cell" },
  ];
  dataset = {
    ...drawn,
    categories,
    annotations: drawn.annotations.map((cell, i) => ({ ...cell, categoryId: 7, hidden: i % 2 === 0 })),
  };
  run = untrainedRun(join(root, "run"), dataset, {
    detector: { ...tinyConfig(dataset).detector, detection: { scoreThreshold: 0.2, nmsThreshold: 0.5, maxDetections: 5 } },
  });
});

test("detections are the model's, with the dataset's ids; every annotation of the split counts, hidden or not", async () => {
  const progress: number[] = [];
  const notes: string[] = [];
  const result = await detectSplit({
    dataset,
    split: "test",
    model: run.modelFile,
    onImage: (done) => progress.push(done),
    onNote: (line) => notes.push(line),
  });
  const test = dataset.images.filter(({ split }) => split === "test");
  assert.deepEqual(result.images, test);
  assert.deepEqual(
    progress,
    test.map((_, i) => i + 1),
  );
  const detector = loadDetector(run.modelFile, { seed: 0 });
  for (const image of test) {
    const [{ scores, labels }] = detector.detect([await readDatasetImage(dataset.dir, image)]);
    const found = result.detections.filter(({ imageId }) => imageId === image.id);
    assert.deepEqual(
      found.map(({ score }) => score),
      Array.from(scores),
    );
    assert.deepEqual(
      found.map(({ categoryId }) => categoryId),
      Array.from(labels, (label) => (label === 1 ? 30 : 7)),
    );
  }
  detector.release();
  assert.equal(result.detections.length, 5 * test.length);
  assert.deepEqual(notes, [
    `${test.length} of ${test.length} images reached the limit of 1000 first-stage proposals or 5 detections`,
  ]);

  const truths = dataset.annotations.filter(({ imageId }) => test.some(({ id }) => id === imageId));
  assert.ok(truths.some(({ hidden }) => hidden));
  assert.deepEqual([result.truths, result.evaluation.truths], [truths, truths.length]);

  assert.deepEqual(result.judged, result.detections);
  assert.equal(result.measures.truths, truths.length);

  const file = join(root, "detections.json");
  writeDetections(file, dataset, result);
  const written = JSON.parse(readFileSync(file, "utf8"));
  assert.deepEqual(written.categories, [
    { id: 30, name: "none of these" },
    { id: 7, name: "cell" },
  ]);
  assert.equal(written.annotations.length, result.detections.length);
});

test("hard negatives are neither classes nor truths; detections in an ignored region are kept but do not count", async () => {
  const [first, ...others] = dataset.images.filter(({ split }) => split === "test");
  const everywhere = { kind: "ignore" as const, rings: [rectangleRing(0, 0, first.width, first.height)] };
  const marked: Dataset = {
    ...dataset,
    categories: [{ id: 99, name: "no cell", negative: true }, ...dataset.categories],
    images: dataset.images.map((image) => (image.id === first.id ? { ...image, regions: [everywhere] } : image)),
    annotations: dataset.annotations.map((cell, i) => (i % 3 === 0 ? { ...cell, categoryId: 99 } : cell)),
  };
  const result = await detectSplit({ dataset: marked, split: "test", model: run.modelFile });
  assert.deepEqual(new Set(result.detections.map(({ categoryId }) => categoryId)).has(99), false);
  const cells = marked.annotations.filter(({ imageId, categoryId }) => categoryId === 7 && imageId !== first.id);
  const counted = cells.filter(({ imageId }) => others.some(({ id }) => id === imageId)).length;
  assert.ok(counted > 0);
  assert.deepEqual(
    [result.evaluation.truths, result.measures.truths, result.measures.images],
    [counted, counted, 1 + others.length],
  );
  assert.equal(result.detections.length, 5 * (1 + others.length));
  assert.deepEqual(
    result.judged,
    result.detections.filter(({ imageId }) => imageId !== first.id),
  );

  const file = join(root, "marked.json");
  writeDetections(file, marked, result);
  assert.deepEqual(JSON.parse(readFileSync(file, "utf8")).categories, dataset.categories);
});

test("test images of another scale than the training images are said", async () => {
  const small = untrainedRun(join(root, "small"), dataset);
  const facts = trainingFacts(dataset);
  const { width, height } = facts.imageSize;
  small.setDataset({ ...facts, imageSize: { width: width / 4, height: height / 4 } });
  const notes: string[] = [];
  await detectSplit({ dataset, split: "test", model: small.modelFile, onNote: (line) => notes.push(line) });
  assert.match(
    notes[0],
    /: has \d+×\d+ pixels; the training images had .* so its cells appear 4 times smaller and are missed; "npx sparsecell predict" searches such images in tiles; the same holds for \d+ more$/,
  );
});
