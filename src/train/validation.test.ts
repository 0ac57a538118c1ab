// Trainings of a few steps that hold out marks and average weights.

import assert from "node:assert/strict";
import { existsSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { memory, readWeights } from "@sparsecell/torch";
import { type Dataset, visibleCells } from "../data/dataset.ts";
import { writeDataset } from "../data/dataset-folder.ts";
import { sparsify } from "../data/sparsify.ts";
import { synthesizeDataset } from "../data/synthetic/synthetic.ts";
import { recommendationOf } from "../detector/recommended-score.ts";
import { configKey } from "../detector/weights.ts";
import { RunFolder } from "../runs/run-folder.ts";
import type { TrainConfig } from "../settings/training.ts";
import { tinyConfig } from "./run.fixture.ts";
import { runTraining } from "./run.ts";

const root = mkdtempSync(join(tmpdir(), "validation-"));
after(() => rmSync(root, { recursive: true }));

let dataset: Dataset;
before(async () => {
  const dir = join(root, "tissue");
  const complete = await synthesizeDataset({ kind: "ki67", images: 5, width: 128, height: 128, seed: 1, dir, boxSize: 32 });
  dataset = writeDataset(sparsify(complete, { keep: 0.8, seed: 1 }), join(root, "sparse"));
});

const measured: Partial<TrainConfig> = { steps: 4, validateEvery: 2, holdOut: 0.5, averaging: 0.9 };

interface Change extends Partial<TrainConfig> {
  readonly dataset?: Dataset;
  readonly stopAfter?: number;
}

async function train(name: string, { dataset: data = dataset, stopAfter, ...change }: Change = {}) {
  const run = new RunFolder(join(root, name));
  const notes: string[] = [];
  let done = 0;
  const { step } = await runTraining({
    dataset: data,
    run,
    config: run.exists ? run.record().config : tinyConfig(data, change),
    onStep: (entry) => (done = entry.step),
    onNote: (line) => notes.push(line),
    shouldStop: () => done === stopAfter,
  });
  return { run, notes, step };
}
const model = (run: RunFolder): Buffer => readFileSync(run.modelFile);
const lines = (run: RunFolder): string => readFileSync(join(run.dir, "validation.jsonl"), "utf8");

test("a run that holds out marks and averages weights is resumed to the same bits, and keeps no other file", async () => {
  const { tensors } = memory();
  const straight = await train("straight", measured);
  for (const stopAfter of [1, 2, 3]) {
    const name = `stopped-${stopAfter}`;
    await train(name, { ...measured, stopAfter });
    const { run } = await train(name);
    assert.deepEqual([model(run), lines(run), run.log()], [model(straight.run), lines(straight.run), straight.run.log()]);
    assert.deepEqual(run.record().heldOut, straight.run.record().heldOut);
    assert.ok(!existsSync(run.bestFile));
  }
  assert.deepEqual(
    straight.run.validation.lines().map(({ step, weights }) => [step, weights]),
    [
      [2, "averaged"],
      [4, "averaged"],
      [4, "last"],
    ],
  );
  assert.match(straight.notes.join("\n"), /held out to measure on: \d+ of \d+ annotations; training ignores their places/);
  assert.equal(memory().tensors, tensors);
});

test("without a hold-out the averaged weights are the model; they are not those of the last step", async () => {
  const [averaged, last] = [await train("averaged", { averaging: 0.9 }), await train("last")];
  const { metadata } = readWeights(averaged.run.modelFile);
  assert.deepEqual(Object.keys(metadata), [configKey]);
  assert.notDeepEqual(model(averaged.run), model(last.run));
  assert.deepEqual(averaged.run.log(), last.run.log());
  assert.equal(existsSync(join(last.run.dir, "validation.jsonl")), false);
  await train("averaged-stopped", { averaging: 0.9, stopAfter: 2 });
  assert.deepEqual(model((await train("averaged-stopped")).run), model(averaged.run));
});

test("held-out marks never reach a loss: of whichever class they are, the training is the same", async () => {
  const { run } = await train("as-is", { ...measured, averaging: 0 });
  const { heldOut } = run.record();
  assert.ok(heldOut && "annotations" in heldOut && heldOut.annotations.length >= 5);
  const ids = new Set(heldOut.annotations);
  // Another class, which no loss may notice: the network has both classes in both trainings.
  const categories = [...dataset.categories, { id: 99, name: "other" }];
  const annotations = dataset.annotations.map((cell) => (ids.has(cell.id) ? { ...cell, categoryId: 99 } : cell));
  const twoClasses = tinyConfig({ ...dataset, categories }).detector;
  const logs = [];
  for (const [name, data] of [
    ["two-classes", { ...dataset, categories }],
    ["held-out-changed", { ...dataset, categories, annotations }],
  ] as const) {
    const other = new RunFolder(join(root, name));
    const config = tinyConfig(data, { ...measured, averaging: 0, detector: twoClasses });
    other.create({ config, versions: {}, started: "", heldOut });
    await train(name, { dataset: data });
    logs.push(other.log());
  }
  assert.deepEqual(logs[0], logs[1]);
});

test("one image with one mark: it says that nothing can be held out, and trains", async () => {
  const [mark] = visibleCells(dataset);
  const one: Dataset = {
    ...dataset,
    images: dataset.images.filter(({ id }) => id === mark.imageId),
    annotations: [mark],
  };
  const { run, notes } = await train("one", { ...measured, dataset: one });
  assert.match(notes.join("\n"), /^nothing is held out: 0\.5 of 1 annotations are too few \(expected at least 5\)/m);
  assert.ok(run.isFinished && !run.record().heldOut && run.validation.lines().length === 0);
  assert.equal(recommendationOf(run.modelFile), null);
});

test("training stops when nothing gets better; the model is of the weights that were kept", async () => {
  const { run, step } = await train("early", { ...measured, averaging: 0, validateEvery: 1, patience: 2, lr: 0 });
  const measures = run.validation.lines().map(({ measure }) => measure);
  assert.ok(measures[0] > 0, "first weights find something by chance");
  assert.deepEqual([step, run.log().length, new Set(measures).size], [3, 3, 1]);
  const recommendation = recommendationOf(run.modelFile);
  assert.equal(recommendation?.marks, run.validation.lines()[0].marks);
});

test("detection passes over proposals from which hardly any cell comes, and keeps the rest; a limit of 0 stays", async () => {
  const { detector } = tinyConfig(dataset);
  const limited = (scoreThreshold: number): Partial<TrainConfig> => ({
    ...measured,
    detector: { ...detector, input: { kind: "stretch", size: 128 }, rpn: { ...detector.rpn, scoreThreshold } },
  });
  const limitOf = ({ run }: { run: RunFolder }): number =>
    JSON.parse(readWeights(run.modelFile).metadata[configKey]).rpn.scoreThreshold;
  const [low, none] = [await train("low-limit", limited(0.01)), await train("no-limit", limited(0))];
  assert.ok(limitOf(low) > 0.01 && limitOf(low) <= 0.3, String(limitOf(low)));
  assert.match(
    low.notes.join("\n"),
    new RegExp(`^detection passes over proposals of a probability below ${limitOf(low)}: `, "m"),
  );
  assert.equal(limitOf(none), 0);
  assert.doesNotMatch(none.notes.join("\n"), /passes over/);
});
