// Trainings that start from a model of ours, and from weights whose licence goes with the model.

import assert from "node:assert/strict";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, test } from "node:test";
import type { Dataset } from "../data/dataset.ts";
import { Detector } from "../detector/detector.ts";
import { modelLicense } from "../detector/weights.ts";
import { RunFolder } from "../runs/run-folder.ts";
import { quickSettings } from "../settings/presets.ts";
import type { TrainConfig } from "../settings/training.ts";
import { writeTensors } from "./checkpoints.ts";
import { chooseWeights } from "./choose-weights.ts";
import { loadFirstWeights } from "./load-weights.ts";
import { tinyConfig, tinyDataset, untrainedRun } from "./run.fixture.ts";
import { runTraining } from "./run.ts";
import { runConfig } from "./run-config.ts";

const root = mkdtempSync(join(tmpdir(), "load-weights-"));
after(() => rmSync(root, { recursive: true }));

let dataset: Dataset;
before(async () => {
  dataset = await tinyDataset(root);
});

async function train(name: string, change: Partial<TrainConfig>): Promise<{ run: RunFolder; notes: string[] }> {
  const run = new RunFolder(join(root, name));
  const notes: string[] = [];
  const config = tinyConfig(dataset, { steps: 1, ...change });
  await runTraining({ dataset, run, config, onStep: () => {}, onNote: (line) => notes.push(line), shouldStop: () => false });
  return { run, notes };
}

test("settings of a training that starts from a model of ours: its normalisation, its whole detector", async () => {
  const { modelFile } = untrainedRun(join(root, "scratch"), dataset);
  const shared = { ...quickSettings, dtype: "float32" } as const;
  const ofRun = { data: root, method: "bde", seed: 1, device: "cpu", threads: 1, checkpointEvery: 10 };
  const settings = (weights: string | null) => {
    const { weightsPart, detector } = runConfig(dataset, shared, { ...ofRun, weights });
    return [weightsPart, detector.normalization];
  };
  assert.deepEqual(settings(modelFile), ["detector", "group-norm"]);
  assert.deepEqual(settings(null), ["backbone", "group-norm"]);
  assert.deepEqual(settings(join(root, "resnet.pth")), ["backbone", "frozen-batch-norm"]);
  const { shape, normalization } = await chooseWeights({ which: modelFile, plannedBackbone: "resnet50", acceptLicense: false });
  const expected = { backbone: "resnet18", rpn: { heads: "shared" }, roi: { representationSize: 8 } };
  assert.deepEqual([shape, normalization], [expected, "group-norm"]);
});

test("a training goes on from a model: its first loss is that of the model", async () => {
  const first = await train("first", { steps: 3, lr: 0.02 });
  const fromModel = { weights: first.run.modelFile, weightsPart: "detector" } as const;
  const losses = async (name: string, change: Partial<TrainConfig>) =>
    (await train(name, { lr: 0, ...change })).run.log()[0].loss;
  const [again, other] = [await losses("again", { ...fromModel, seed: 8 }), await losses("other", { ...fromModel, seed: 9 })];
  const scratch = await losses("scratch-8", { seed: 8 });
  assert.ok(Math.max(again, other) < scratch, `${again}, ${other}, ${scratch}`);
});

test("the layers that do not fit are named in one line", async () => {
  const { modelFile } = untrainedRun(join(root, "donor"), dataset);
  const { detector, ...rest } = tinyConfig(dataset);
  const classes = ["other", "than", "those"];
  const taker = new Detector({ ...detector, classes }, { seed: 1 });
  const note = loadFirstWeights({ ...rest, detector: taker.config, weights: modelFile, weightsPart: "detector" }, taker);
  assert.equal(
    note,
    `${modelFile}: roi_heads.box_predictor.cls_score, roi_heads.box_predictor.bbox_pred are for other classes or anchors; those layers start from random values`,
  );
  taker.release();
});

test("a licence goes from the weights into the model; pathology's are fitted to our colours", async () => {
  const { detector } = tinyConfig(dataset);
  const config = { ...detector, backbone: "resnet50", normalization: "frozen-batch-norm" } as const;
  const donor = new Detector(config, { seed: 4 });
  const weights = join(root, "swav.safetensors");
  writeTensors(weights, donor.backbone.body.state(), {});
  const weightsLicense = "research use only";
  const { run } = await train("pathology", {
    weights,
    weightsName: "pathology",
    weightsLicense,
    detector: { ...config, trainableLayers: 3 },
  });
  assert.equal(modelLicense(run.modelFile), weightsLicense);
  assert.equal(run.record().config.weightsLicense, weightsLicense);

  const taker = new Detector(config, { seed: 5 });
  const fit = { ...tinyConfig(dataset), detector: config, weights } as const;
  const stem = () => taker.backbone.body.conv1.weight.numbers().slice(0, 3);
  loadFirstWeights(fit, taker);
  assert.deepEqual(stem(), donor.backbone.body.conv1.weight.numbers().slice(0, 3));
  const before = stem();
  loadFirstWeights({ ...fit, weightsName: "pathology" }, taker);
  stem().forEach((value, i) => assert.ok(Math.abs(value - (before[i] * 0.229) / 0.21716536) < 1e-6));
  for (const each of [donor, taker]) each.release();
});
