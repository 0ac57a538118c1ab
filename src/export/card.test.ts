// What a model card says, and that it says nothing of this machine.

import assert from "node:assert/strict";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, test } from "node:test";
import { writeSafetensors } from "@sparsecell/torch";
import { completenessKey } from "../detector/counted-completeness.ts";
import { recommendationKey } from "../detector/recommended-score.ts";
import { configKey, licenseKey } from "../detector/weights.ts";
import { defaultsOf } from "../settings/declarations.ts";
import { type DetectorConfig, defaultConfig } from "../settings/detector.ts";
import { trainingSettings } from "../settings/training.ts";
import { modelCard } from "./card.ts";
import { exportedMetadata, knownModel } from "./known-model.ts";

const root = mkdtempSync(join(tmpdir(), "card-"));
after(() => rmSync(root, { recursive: true }));

const detector: DetectorConfig = {
  ...defaultConfig,
  backbone: "resnet18",
  classes: ["positive", "negative"],
  input: { kind: "resolution", window: 448, mpp: 0.5, scale: 1 },
};
const counted = (count: number) => ({ count, digest: "00112233" });
const file = join(root, "model.safetensors");
writeSafetensors(file, [], {
  [configKey]: JSON.stringify(detector),
  [completenessKey]: JSON.stringify({ part: 0.11, low: 0.09, high: 0.14 }),
  [recommendationKey]: JSON.stringify({ score: 0.4, found: 90, marks: 100, complete: true, measure: 0.85 }),
  [licenseKey]: "research use only",
});

test("a model without a record says so", () => {
  const card = modelCard(knownModel(file), detector);
  assert.match(
    card,
    /^# Cell detector\n\nIt finds cells in microscopy images and draws a box around each\. Its 2 classes are positive and negative\.\n/,
  );
  assert.match(card, /brought to 0\.5 microns per pixel/);
  assert.match(card, /The record of its training is not with the model\./);
  assert.match(card, /No measurement is with the model\. Measure it/);
  assert.match(card, /this model, are for research use only\./);
});

test("a model of a run: data by class, completeness, numbers, origin; a method of another version is no fault", () => {
  const config = { ...defaultsOf(trainingSettings), detector, data: join(root, "cells"), method: "later:x=1" };
  const dataset = {
    images: counted(20),
    annotations: counted(130),
    regions: counted(0),
    categories: counted(2),
    classes: { positive: 100, negative: 30 },
    imageSize: { width: 600, height: 500, mpp: 0.25 },
  };
  const record = { config, versions: { sparsecell: "0.6.0" }, started: "2026-01-02T03:04:05Z", dataset };
  writeFileSync(join(root, "config.json"), JSON.stringify({ ...record, heldOut: { images: ["a.png", "b.png"] } }));
  writeFileSync(
    join(root, "evaluation.json"),
    JSON.stringify({ images: 5, truths: 60, ap11: 0.871, bestF1: 0.876, bestF1Score: 0.4567 }),
  );
  const model = knownModel(file);
  const card = modelCard(model, detector);
  for (const line of [
    "# Cell detector trained on cells",
    "- cells: 20 images and 130 annotations (positive 100, negative 30).",
    "- The images have 600 × 500 pixels (median), 0.25 microns per pixel.",
    "- 2 images were kept out of the training, to measure on.",
    "- About 11 % of the cells on its training images have an annotation (9 to 14), as the training counted.",
    "- On 5 test images with 60 cells: average precision 87 %, best F1 88 % at a score of 0.457.",
    "- First weights: random.",
  ])
    assert.ok(card.includes(`${line}\n`), `${line}\n\n${card}`);
  assert.match(card, /held-out annotations: recommended score 0\.4: finds 90 % of the held-out marks/);
  assert.match(card, /Method `later:x=1`, .* seed 0\./);
  assert.ok(!card.includes(root) && !card.includes("undefined") && !card.includes("NaN"), card);
  const { sparsecell, ...metadata } = exportedMetadata(model, detector);
  assert.deepEqual(JSON.parse(sparsecell), detector);
  assert.deepEqual(metadata.classes, '["positive","negative"]');
  assert.deepEqual([metadata.mpp, metadata.method, metadata["sparsecell.version"]], ["0.5", "later:x=1", "0.6.0"]);
  assert.ok(metadata[recommendationKey] && metadata[completenessKey] && metadata[licenseKey]);
});
