// What compare and demo show: the numbers of finished runs on the test images of their dataset.

import assert from "node:assert/strict";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, test } from "node:test";
import type { Dataset } from "../data/dataset.ts";
import { imagePath } from "../data/dataset-folder.ts";
import type { Comparison } from "../runs/comparison.ts";
import { tinyDataset, untrainedRun } from "../train/run.fixture.ts";
import { compareRuns } from "./comparison.ts";

const root = mkdtempSync(join(tmpdir(), "comparison-"));
after(() => rmSync(root, { recursive: true }));

let dataset: Dataset;
let comparison: Comparison;
const progress: [done: number, total: number][] = [];
before(async () => {
  dataset = await tinyDataset(root);
  const runs = ["bde", "bde", "fpn"].map((method, i) => untrainedRun(join(root, String(i)), dataset, { method, seed: i }));
  runs[0].append({ step: 1, loss: 4, parts: { rpnClass: 1, rpnBox: 1, roiClass: 1, roiBox: 1 }, lr: 1 }, 0.25);
  comparison = await compareRuns({
    dataset,
    runs,
    title: "title",
    command: "command",
    patches: 9,
    onImage: (...at) => progress.push(at),
  });
});

test("every run is a method of its own name", () => {
  assert.deepEqual(
    comparison.methods.map(({ name, label }) => [name, label]),
    [
      ["bde", "FPN + BDE"],
      ["bde 2", "FPN + BDE 2"],
      ["fpn", "FPN"],
    ],
  );
  assert.deepEqual(
    comparison.methods.map(({ secondsPerStep }) => secondsPerStep),
    [0.25, Number.NaN, Number.NaN],
  );
  assert.deepEqual(comparison.methods[0].lossCurve, [{ step: 1, loss: 4, rpnClass: 1, rpnBox: 1, roiClass: 1, roiBox: 1 }]);
  assert.deepEqual(
    progress,
    [1, 2, 3, 4, 5, 6].map((done) => [done, 6]),
  );
});

test("the counts of the dataset add up", () => {
  const test = new Set(dataset.images.filter(({ split }) => split === "test").map(({ id }) => id));
  const onTest = dataset.annotations.filter(({ imageId }) => test.has(imageId)).length;
  const hidden = dataset.annotations.filter((cell) => cell.hidden).length;
  const training = dataset.annotations.length - onTest;
  assert.deepEqual(comparison.heldOut, { images: test.size, truths: onTest });
  assert.deepEqual(comparison.dataset, {
    trainImages: dataset.images.length - test.size,
    trainCells: training,
    visible: training - hidden,
    testImages: test.size,
    testCells: onTest,
  });
});

test("patches are the test images with all their cells, each found or missed, and together they give the counts", () => {
  assert.deepEqual(
    comparison.patches.map(({ name }) => name).sort(),
    dataset.images.filter(({ split }) => split === "test").map(({ fileName }) => fileName),
  );
  for (const { name, image, truths, results } of comparison.patches) {
    assert.deepEqual(Buffer.from(image as Uint8Array), readFileSync(imagePath(dataset.dir, { fileName: name })));
    for (const { found, missed, wrong } of results) {
      assert.equal(found.length + missed.length, truths.length);
      for (const { score } of [...found, ...wrong]) assert.ok(score >= comparison.score);
    }
  }
  comparison.methods.forEach((method, m) => {
    const shown = comparison.patches.map(({ results }) => results[m]);
    assert.equal(
      method.found,
      shown.reduce((sum, { found }) => sum + found.length, 0),
    );
    assert.equal(
      method.wrong,
      shown.reduce((sum, { wrong }) => sum + wrong.length, 0),
    );
    assert.equal(method.metrics.recallShown, method.found / comparison.heldOut.truths);
  });
});
