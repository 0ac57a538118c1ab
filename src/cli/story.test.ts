// The whole story in small, one command after another: from nothing to a page that compares two detectors.

import assert from "node:assert/strict";
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, test } from "node:test";
import type { RunRecord } from "../runs/run-folder.ts";
import type { LogEntry, StepTime } from "../runs/run-log.ts";
import { version } from "../version.ts";
import { refuse, succeed, tiny } from "./cli.fixture.ts";

const root = mkdtempSync(join(tmpdir(), "cli-story-"));
after(() => rmSync(root, { recursive: true }));

const sparsecell = (...args: string[]) => succeed(root, ...args);
const json = (...path: string[]) => JSON.parse(readFileSync(join(root, ...path), "utf8"));
const jsonLines = <T>(...path: string[]) =>
  readFileSync(join(root, ...path), "utf8")
    .trimEnd()
    .split("\n")
    .map((line) => JSON.parse(line) as T);

before(() => {
  sparsecell("data", "synth", "--kind", "ki67", "--images", "8", "--size", "64x64", "--seed", "1", "--out", "drawn");
  sparsecell("data", "split", "drawn", "--folds", "4", "--fold", "0", "--seed", "1", "--out", "split");
  sparsecell("data", "sparsify", "split", "--keep", "0.5", "--seed", "1", "--out", "sparse");
  const shared = [...tiny, "--steps", "3", "--lr", "0.002", "--seed", "5", "--checkpoint-every", "100"];
  sparsecell(
    "train",
    "sparse",
    "--method",
    "fpn",
    ...shared,
    "--dtype",
    "float32",
    "--batch",
    "2",
    "--warmup",
    "2",
    "--clip-gradient",
    "5",
    "--out",
    "runs/fpn",
  );
  sparsecell(
    "train",
    "sparse",
    ...shared,
    "--method",
    "bde",
    "--rpn-heads",
    "per-level",
    "--dtype",
    "bfloat16",
    "--anchors",
    "standard",
    "--no-augment",
    "--out",
    "runs/bde",
  );
});

test("a run folder has all settings, a line a step, and the model with its evaluation", () => {
  assert.deepEqual(readdirSync(join(root, "runs/fpn")).sort(), [
    "MODEL.md",
    "config.json",
    "detections.json",
    "evaluation.json",
    "log.jsonl",
    "model.safetensors",
    "provenance.json",
    "timings.jsonl",
  ]);
  const { config, versions, started } = json("runs/fpn/config.json") as RunRecord;
  const { detector, ...training } = config;
  assert.deepEqual(training, {
    data: join(root, "sparse"),
    test: null,
    method: "fpn",
    steps: 3,
    batch: 2,
    lr: 0.002,
    warmup: 2,
    momentum: 0.9,
    weightDecay: 1e-4,
    clipGradient: 5,
    augment: true,
    turns: true,
    zoom: 0.2,
    brightness: 0.5,
    contrast: 0.5,
    gamma: 0.5,
    stain: 0.5,
    blur: 0,
    jpeg: 0,
    holdOut: 0,
    averaging: 0,
    patience: 0,
    validateEvery: null,
    seed: 5,
    weights: null,
    partialWeights: false,
    weightsName: null,
    weightsSha256: null,
    weightsLicense: null,
    weightsPart: "backbone",
    device: "cpu",
    dtype: "float32",
    channelsLast: true,
    threads: 1,
    processes: 1,
    checkpointEvery: 100,
    keepCheckpoints: 1,
    onNonfinite: "stop",
  });
  assert.deepEqual(
    [detector.backbone, detector.normalization, detector.trainableLayers, detector.classes, detector.input, detector.rpn.heads],
    ["resnet18", "group-norm", 5, ["positive nucleus"], { kind: "stretch", size: 64 }, "shared"],
  );
  assert.deepEqual([versions.sparsecell, versions.node], [version, process.version]);
  assert.match(versions.libtorch, /^\d+\.\d+/);
  assert.ok(Math.abs(Date.now() - Date.parse(started)) < 600_000);

  for (const method of ["fpn", "bde"]) {
    const log = jsonLines<Record<string, number>>("runs", method, "log.jsonl");
    assert.deepEqual(
      log.map(({ step }) => step),
      [1, 2, 3],
    );
    for (const { loss, rpnClass, rpnBox, roiClass, roiBox } of log)
      assert.ok(Math.abs(loss - (rpnClass + rpnBox + roiClass + roiBox)) < 1e-9 && loss > 0 && Number.isFinite(loss));
    const times = jsonLines<StepTime>("runs", method, "timings.jsonl");
    assert.deepEqual(
      times.map(({ step }) => step),
      [1, 2, 3],
    );
    assert.ok(times.every(({ seconds }) => seconds > 0));
  }
  assert.deepEqual(
    jsonLines<LogEntry>("runs/fpn/log.jsonl").map(({ lr }) => lr),
    [0.001, 0.0002, 0.00002],
  ); // warm-up over 2 steps; 1/10 after 1.5, 1/100 after 2.25
  const other = (json("runs/bde/config.json") as RunRecord).config;
  assert.deepEqual([other.method, other.dtype, other.augment, other.detector.rpn.heads], ["bde", "bfloat16", false, "per-level"]);
  assert.deepEqual(other.detector.anchors.sizes, [[32], [64], [128], [256], [512]]);
});

test("predict on files writes COCO JSON; scores and numbers of cells have limits", () => {
  const images = readdirSync(join(root, "drawn/images"))
    .slice(0, 2)
    .map((name) => `drawn/images/${name}`);
  const { stdout, lines } = sparsecell("predict", "--model", "runs/fpn", "--out", "some/all.json", ...images);
  const all = json("some/all.json");
  assert.deepEqual(Object.keys(all).sort(), ["annotations", "categories", "images"]);
  assert.deepEqual(
    all.images,
    images.map((file_name, i) => ({ id: i + 1, file_name, width: 64, height: 64 })),
  );
  assert.deepEqual(all.categories, [{ id: 1, name: "positive nucleus" }]);
  assert.ok(all.annotations.length > 4);
  assert.match(stdout, new RegExp(`^${all.annotations.length} cells on 2 images \\(b?float\\d+ on cpu\\): some/all\\.json\\n$`));
  assert.deepEqual(lines, []);
  for (const {
    bbox: [x, y, width, height],
    score,
    image_id,
    category_id,
  } of all.annotations) {
    assert.ok(x >= 0 && y >= 0 && width > 0 && height > 0 && x + width <= 64.001 && y + height <= 64.001);
    assert.ok(score >= 0.05 && score <= 1 && [1, 2].includes(image_id) && category_id === 1);
  }

  const scores: number[] = all.annotations.map(({ score }: { score: number }) => score).sort((a: number, b: number) => b - a);
  const middle = (scores[2] + scores[3]) / 2;
  sparsecell("predict", "--model", "runs/fpn/model.safetensors", "--score", String(middle), "--out", "some/best.json", ...images);
  assert.deepEqual(
    json("some/best.json")
      .annotations.map(({ score }: { score: number }) => score)
      .sort()
      .reverse(),
    scores.slice(0, 3),
  );

  const capped = sparsecell(
    "predict",
    "--model",
    "runs/fpn",
    "--max-detections",
    "1",
    "--proposals",
    "4",
    "--out",
    "some/capped.json",
    images[0],
  );
  assert.equal(json("some/capped.json").annotations.length, 1);
  assert.deepEqual(capped.lines, [
    `${images[0]}: reached --max-detections 1; there are more`,
    "1 of 1 images reached the limit of 4 first-stage proposals; --proposals raises it",
  ]);
});

test("predict on a folder takes the images below it, named by their paths there", () => {
  const names = readdirSync(join(root, "drawn/images")).sort();
  const found = (...paths: string[]) => {
    sparsecell("predict", "--model", "runs/fpn", "--out", "some/folder.json", ...paths);
    return json("some/folder.json").images.map(({ file_name }: { file_name: string }) => file_name);
  };
  assert.deepEqual(found("drawn/images"), names);
  assert.deepEqual(
    found("drawn"),
    names.map((name) => `images/${name}`),
  );
});

test("predict writes a line for each image as it is searched, and goes on where it was stopped", () => {
  const images = readdirSync(join(root, "drawn/images"))
    .slice(0, 3)
    .map((name) => `drawn/images/${name}`);
  const found = (...more: string[]) => sparsecell("predict", "--model", "runs/fpn", "--out", "some/all.jsonl", ...more);
  const lines = () => readFileSync(join(root, "some/all.jsonl"), "utf8").trimEnd().split("\n");
  found(...images);
  const whole = lines();
  const [search, first] = whole.map((line) => JSON.parse(line));
  assert.deepEqual([search.score, search.classes, whole.length], [0.05, ["positive nucleus"], 4]);
  assert.deepEqual([first.image, first.width, first.height], [images[0], 64, 64]);
  assert.ok(first.boxes.length > 0 && first.boxes.length === first.scores.length && first.scores.length === first.classes.length);
  writeFileSync(join(root, "some/all.jsonl"), `${whole[0]}\n${whole[1]}\n${whole[2].slice(0, 30)}`); // as a kill may leave it
  assert.match(found(...images).lines.join("\n"), /1 of 3 images had been searched before/);
  assert.deepEqual(lines(), whole);
  refuse(root, [
    ["predict", "--model", "runs/fpn", "--score", "0.2", "--out", "some/all.jsonl", ...images],
    /^some\/all\.jsonl: holds what another model or --score found; remove it, or pass another --out$/,
  ]);
});

test("predict on a dataset's split and evaluate give what train had said of the model", () => {
  const { stdout } = sparsecell(
    "predict",
    "--model",
    "runs/bde",
    "--data",
    "sparse",
    "--split",
    "test",
    "--dtype",
    "bfloat16",
    "--out",
    "test.json",
  );
  const found = json("test.json");
  assert.match(
    stdout,
    new RegExp(`^${found.annotations.length} cells on ${found.images.length} images \\(b?float\\d+ on cpu\\): test\\.json\\n$`),
  );
  assert.deepEqual(
    found.annotations.map(({ bbox, score }: { bbox: number[]; score: number }) => [bbox, score]),
    json("runs/bde/detections.json").annotations.map(({ bbox, score }: { bbox: number[]; score: number }) => [bbox, score]),
  );
  const evaluated = sparsecell("evaluate", "--detections", "test.json", "--annotations", "sparse", "--split", "test", "--json");
  assert.equal(evaluated.stderr, "");
  assert.match(evaluated.stdout, /^\{.*\}\n$/);
  const result = JSON.parse(evaluated.stdout);
  const keys = ["ap11", "recall", "precision", "f1", "bestF1", "images", "truths", "detections"];
  assert.deepEqual(Object.keys(result), keys);
  const saved = json("runs/bde/evaluation.json");
  assert.deepEqual(result, Object.fromEntries(keys.map((key) => [key, saved[key]])));
  assert.equal(result.images, found.images.length);

  const table = sparsecell("evaluate", "--detections", "test.json", "--annotations", "sparse", "--split", "test").stdout;
  assert.match(table, /^\d images, IoU ≥ 0\.5; in percent\n\n +AP +recall .*\npositive nucleus +\d/);
});

test("compare prints a table and writes one page with both", () => {
  const { stdout, lines } = sparsecell(
    "compare",
    "runs/fpn",
    "runs/bde",
    "--out",
    "pages/comparison.html",
    "--title",
    "Two of <them>",
  );
  assert.match(stdout, /FPN +[\s\S]*FPN \+ BDE[\s\S]*\nreport: pages\/comparison\.html\n$/);
  assert.deepEqual(lines, []);
  const page = readFileSync(join(root, "pages/comparison.html"), "utf8");
  assert.match(page, /^<!doctype html>/i);
  assert.match(page, /<title>Two of &#60;them&#62;<\/title>/);
  assert.match(page, /data:image\/png;base64,/);
  assert.doesNotMatch(page, /(?:src|href)="https?:/); // self-contained
});

test("the dataset is untouched by training and prediction", () => {
  assert.deepEqual(readdirSync(join(root, "sparse")).sort(), ["annotations.json", "images"]);
  assert.ok(!existsSync(join(root, "runs/fpn/checkpoint.safetensors")));
});
