// Trainings of two or three steps: what their outcome depends on, and what it does not.

import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { memory } from "@sparsecell/torch";
import type { Dataset } from "../data/dataset.ts";
import { Detector } from "../detector/detector.ts";
import { UserError } from "../errors.ts";
import { RunFolder } from "../runs/run-folder.ts";
import type { LogEntry } from "../runs/run-log.ts";
import type { TrainConfig } from "../settings/training.ts";
import { writeTensors } from "./checkpoints.ts";
import { tinyConfig, tinyDataset } from "./run.fixture.ts";
import { runTraining } from "./run.ts";

const root = mkdtempSync(join(tmpdir(), "run-"));
after(() => rmSync(root, { recursive: true }));

let dataset: Dataset;
let usual: Outcome;
before(async () => {
  dataset = await tinyDataset(root);
  usual = await outcome(train("usual"));
});

interface Outcome {
  readonly model: string;
  readonly log: readonly LogEntry[];
}

interface Change extends Partial<TrainConfig> {
  readonly dataset?: Dataset;
  /** Stops the training after that step. */
  readonly stopAfter?: number;
  readonly acceptChangedData?: boolean;
  readonly inGrid?: boolean;
}

/** Trains in the folder `name` (goes on with what is there) and returns it, and the notes. */
async function train(
  name: string,
  { dataset: data = dataset, stopAfter, acceptChangedData, inGrid, ...change }: Change = {},
): Promise<{ run: RunFolder; notes: string[] }> {
  const run = new RunFolder(join(root, name));
  const notes: string[] = [];
  let done = 0;
  await runTraining({
    dataset: data,
    run,
    config: run.exists ? run.record().config : tinyConfig(data, { steps: 3, ...change }),
    onStep: ({ step }) => (done = step),
    onNote: (line) => notes.push(line),
    shouldStop: () => done === stopAfter,
    acceptChangedData,
    inGrid,
  });
  return { run, notes };
}

async function outcome(training: ReturnType<typeof train>): Promise<Outcome> {
  const { run } = await training;
  return {
    model: createHash("sha256").update(readFileSync(run.modelFile)).digest("hex"),
    log: run.log(),
  };
}

test("the same seed gives the same bytes, another seed others", async () => {
  assert.deepEqual(await outcome(train("again")), usual);
  const other = await outcome(train("other", { seed: 4 }));
  assert.notEqual(other.model, usual.model);
  assert.notDeepEqual(other.log, usual.log);
});

test("the method changes the second stage's class loss alone, at the first step", async () => {
  const { log } = await outcome(train("fpn", { method: "fpn" }));
  const [fpn, bde] = [log[0].parts, usual.log[0].parts];
  assert.deepEqual([fpn.rpnClass, fpn.rpnBox, fpn.roiBox], [bde.rpnClass, bde.rpnBox, bde.roiBox]);
  assert.ok(fpn.roiClass > bde.roiClass);
});

test("annotations that are hidden or on test images are never seen", async () => {
  const training = new Set(dataset.images.filter(({ split }) => split === "train").map(({ id }) => id));
  assert.ok(dataset.annotations.some(({ hidden }) => hidden));
  const annotations = dataset.annotations
    .filter(({ hidden, id }) => !hidden || id % 2 === 0)
    .map((cell) => (cell.hidden || !training.has(cell.imageId) ? { ...cell, box: [1, 1, 9, 9] as const } : cell));
  assert.deepEqual(await outcome(train("unseen", { dataset: { ...dataset, annotations } })), usual);
});

test("a training that was stopped goes on as if it had not been", async () => {
  const change = { dtype: "bfloat16", batch: 2, clipGradient: 1, warmup: 2, detector: tinyConfig(dataset).detector } as const;
  const perLevel = { ...change, detector: { ...change.detector, rpn: { ...change.detector.rpn, heads: "per-level" } } } as const;
  const straight = await outcome(train("straight", perLevel));
  const { run } = await train("stopped", { ...perLevel, stopAfter: 2 });
  assert.ok(run.hasCheckpoint && !run.isFinished && run.log().length === 2);
  assert.deepEqual(await outcome(train("stopped")), straight);
});

test("weights to start from are read once, may lack layers when that is allowed, and the file says which", async () => {
  const config = tinyConfig(dataset);
  const detector = { ...config.detector, normalization: "frozen-batch-norm", trainableLayers: 3 } as const;
  const donor = new Detector(detector, { seed: 9 });
  const weights = join(root, "resnet18.safetensors");
  const state = new Map([...donor.backbone.body.state()].filter(([name]) => name !== "conv1.weight"));
  writeTensors(weights, state, {});

  await assert.rejects(
    train("refused", { weights, detector }),
    (error) => error instanceof UserError && /1 missing \(conv1\.weight\)/.test(error.message),
  );
  assert.ok(!new RunFolder(join(root, "refused")).exists);
  const { run, notes } = await train("partial", { weights, partialWeights: true, detector, stopAfter: 1 });
  assert.match(notes.join("\n"), /^.*resnet18\.safetensors: has no conv1\.weight; those start from random values$/m);
  rmSync(weights);
  await train("partial");
  assert.ok(run.isFinished);
  donor.release();
});

test("a training gives back all its tensors", async () => {
  const { tensors } = memory();
  await train("finite", { stopAfter: 2 });
  await assert.rejects(train("diverging", { lr: 1e30 }), UserError);
  assert.equal(memory().tensors, tensors);
});

test("a run is not resumed on a dataset that has changed, unless that is accepted", async () => {
  await train("changed", { stopAfter: 1 });
  const annotations = dataset.annotations.map((cell) => ({ ...cell, hidden: false }));
  await assert.rejects(train("changed", { dataset: { ...dataset, annotations } }), (error) => {
    assert.ok(error instanceof UserError);
    assert.match(
      error.message,
      /has changed since .*changed started: annotations \(\d+ before, \d+ now\); restore it, or resume .* --accept-changed-data$/,
    );
    return true;
  });
  await assert.rejects(train("changed", { dataset: { ...dataset, annotations }, inGrid: true }), (error) => {
    assert.ok(error instanceof UserError);
    assert.match(
      error.message,
      /; restore it, or train all runs on it as it is: pass another --out to npx sparsecell experiment$/,
    );
    assert.doesNotMatch(error.message, /--resume|--accept/);
    return true;
  });
  const { notes, run } = await train("changed", { dataset: { ...dataset, annotations }, acceptChangedData: true });
  assert.match(notes[0], /has changed since/);
  assert.ok(run.isFinished);
});

test("regions to ignore over all visible cells are refused", async () => {
  const everywhere = { kind: "ignore" as const, rings: [[0, 0, 64, 0, 64, 64, 0, 64]] };
  const images = dataset.images.map((image) => ({ ...image, regions: [everywhere] }));
  await assert.rejects(
    train("ignored", { dataset: { ...dataset, images } }),
    /regions to ignore cover all \d+ visible annotations/,
  );
});
