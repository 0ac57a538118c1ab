// What people get wrong: one line on stderr that names the file and says what to do, exit code 1, nothing on stdout
// (`refuse` asserts these), and nothing half-written.

import assert from "node:assert/strict";
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, test } from "node:test";
import sharp from "sharp";
import type { Dataset } from "../data/dataset.ts";
import { imagePath, writeDataset } from "../data/dataset-folder.ts";
import { filesOf } from "../runs/run-files.fixture.ts";
import { RunFolder } from "../runs/run-folder.ts";
import type { TrainConfig } from "../settings/training.ts";
import { tinyConfig, tinyDataset, untrainedRun } from "../train/run.fixture.ts";
import { editJson, refuse, sparsecell, tiny } from "./cli.fixture.ts";

const root = mkdtempSync(join(tmpdir(), "cli-bad-input-"));
after(() => rmSync(root, { recursive: true }));

const path = (...parts: string[]): string => join(root, ...parts);
/** A run that has not begun. */
const createRun = (name: string, change: Partial<TrainConfig> = {}): void =>
  new RunFolder(path(name)).create({ config: tinyConfig(dataset, change), versions: {}, started: "" });

let dataset: Dataset;
let image: string;
before(async () => {
  dataset = await tinyDataset(root);
  image = imagePath("sparse", dataset.images[0]);
  untrainedRun(path("finished"), dataset);
  createRun("unfinished");
  writeFileSync(path("notes.png"), "no image at all\n");
});

test("unknown commands and options, and values that cannot be", () => {
  const train = (...more: string[]) => ["train", "sparse", "--out", "o", ...more];
  const predict = (...more: string[]) => ["predict", "--model", "finished", "--out", "o", ...more];
  refuse(
    root,
    [["trian", "sparse"], /^unknown command 'trian'; did you mean train\?; see --help$/],
    [["data", "syntth"], /^unknown command 'syntth'; did you mean synth\?; see --help$/],
    [train("--stepz", "3"), /^unknown option '--stepz'; did you mean --steps\?; see --help$/],
    [train("more"), /too many arguments/],
    [train("--method", "sgd"), /^unknown method "sgd"; expected one of fpn, .*bde/],
    [train("--method", "bde:speed=1"), /^bde: unknown option "speed"; its options: boxes, regressed, rpn$/],
    [train("--method", "bde:boxes=few"), /^bde: invalid value "few" of boxes \(.*, sampled or all\)$/],
    [["bench", "step", "--method", "constant-weight:weight=2"], /^constant-weight: invalid value "2" of weight \(.*, 0 to 1\)$/],
    [train("--backbone", "vgg"), /'vgg' is invalid\. Allowed choices are resnet18, resnet34, resnet50, resnet101;/],
    [train("--dtype", "float16"), /'float16' is invalid\. Allowed choices are auto, float32, bfloat16;/],
    [train("--steps", "0"), /--steps <n>' argument '0' is invalid\. It must be a whole number of at least 1;/],
    [train("--steps", "2.5"), /'2\.5' is invalid\. It must be a whole number/],
    [train("--lr", "fast"), /--lr <rate>' argument 'fast' is invalid\. It must be a number of at least 0/],
    [train("--lr", ""), /It must be a number/],
    [train("--lr", "Infinity"), /It must be a number/],
    [train("--threads", "5000"), /It must be a whole number from 1 to 1024/],
    [train("--weights", ""), /option '--weights <which>' is empty; pass a value or leave it out/],
    [["data", "synth", "--kind", "ki67", "--out", ""], /option '--out <dir>' is empty/],
    [["data", "info", ""], /an argument is empty/],
    [train("--trainable-layers", "6"), /'6' is invalid\. It must be a whole number from 0 to 5;/],
    [["train"], /^train: missing dataset; pass its folder/],
    [predict("--score", "1.5", image), /--score <number>' argument '1\.5' is invalid/],
    [["predict", "--model", "finished", image], /required option '--out <file>' not specified; see --help/],
    [predict(), /^predict: missing images; pass files or folders, or --data/],
    [predict("--split", "test", image), /--split needs --data$/],
    [predict("--data", "sparse", image), /pass images or --data, not both$/],
    [["compare", "--out", "o"], /missing required argument 'runs'/],
    [["bench", "step", "--size", "16"], /--size <pixels>' argument '16' is invalid\. It must be a whole number from 32 to 16384/],
    [["demo", "--keep", "0"], /--keep <rate>' argument '0' is invalid\. It must be a number from 0\.001 to 1/],
  );
  assert.ok(!existsSync(path("o")));
});

test("--debug adds the stack trace, in a process of its own as without it", () => {
  const [plain, debug] = [[], ["--debug"]].map((more) => sparsecell(root, ...more, "train", "nowhere", "--out", "o"));
  assert.deepEqual([plain.status, plain.stdout, plain.stderr], [1, "", "sparsecell: nowhere: no such folder; check the path\n"]);
  assert.deepEqual([debug.status, debug.stdout], [1, ""]);
  assert.match(debug.stderr, /^sparsecell: nowhere: .*\nUserError: nowhere: .*\n {4}at /);
  assert.match(
    sparsecell(root, "train", "--stepz", "--debug").stderr,
    /^sparsecell: unknown option .*\nCommanderError: [\s\S]*\n {4}at /,
  );
});

test("a GPU that is not there", () => {
  const missing = /^device: cuda:77 does not exist; .*; choose another --device$/;
  refuse(
    root,
    [["train", "sparse", ...tiny, "--out", "o", "--device", "cuda:77"], missing],
    [["predict", "--model", "finished", "--out", "o", "--data", "sparse", "--device", "cuda:77"], missing],
    [["bench", "step", "--backbone", "resnet18", "--size", "32", "--device", "cuda:77"], missing],
    [
      ["train", "sparse", ...tiny, "--out", "o", "--device", "tpu"],
      /expected cpu, cuda or cuda:N, got tpu; choose another --device$/,
    ],
  );
  assert.ok(!existsSync(path("o")));
});

test("train: a dataset that is none, or has nothing to learn from", () => {
  mkdirSync(path("torn"));
  writeFileSync(path("torn/annotations.json"), '{\n  "images": [\n');
  writeDataset({ ...dataset, annotations: dataset.annotations.map((cell) => ({ ...cell, hidden: true })) }, path("all-hidden"));
  writeDataset({ ...dataset, images: dataset.images.map((image) => ({ ...image, split: "test" })) }, path("all-test"));
  const train = (data: string, ...more: string[]) => ["train", data, ...tiny, "--out", "o", ...more];
  const nothing = (data: string) => new RegExp(`${data}: has no visible annotation on a training image, .*; annotate some cells`);
  refuse(
    root,
    [train("nowhere"), /^nowhere: no such folder; check the path$/],
    [train("sparse/images"), /^sparse\/images: is not a dataset: it has no annotations\.json; make one with/],
    [train("torn"), /^torn\/annotations\.json:3: is not valid JSON/],
    [train("all-hidden"), nothing("all-hidden")],
    [train("all-hidden", "--anchors", "standard"), nothing("all-hidden")],
    [train("all-test"), nothing("all-test")],
    [train("all-test", "--anchors", "standard"), nothing("all-test")],
  );
  assert.ok(!existsSync(path("o")));
});

test("train: an image that is cut off, or not the annotated one", async () => {
  /** A copy of the dataset in which one training image has other bytes. */
  const withImage = (name: string, bytes: Buffer): string => {
    const copy = writeDataset(dataset, path(name));
    const file = imagePath(copy.dir, copy.images.filter(({ split }) => split === "train")[2]);
    rmSync(file); // it is a link to the original
    writeFileSync(file, bytes);
    return file;
  };
  const cut = withImage("cut", readFileSync(imagePath(dataset.dir, dataset.images[0])).subarray(0, 3000));
  const other = withImage(
    "other",
    await sharp({ create: { width: 32, height: 48, channels: 3, background: "#fff" } })
      .png()
      .toBuffer(),
  );
  createRun("run-cut", { data: path("cut"), batch: 4 });
  createRun("run-other", { data: path("other"), batch: 4 });
  refuse(
    root,
    [["train", "--resume", "run-cut"], new RegExp(`^${cut}: cannot be decoded: .*it may be damaged or cut off; save it again`)],
    [
      ["train", "--resume", "run-other"],
      new RegExp(`^${other}: has 32×48 pixels, but .*other/annotations\\.json says 64×64; restore the annotated image$`),
    ],
  );
  assert.deepEqual(filesOf(path("run-cut")), ["config.json", "log.jsonl", "timings.jsonl"]); // to go on with, when it is mended
});

test("train: weights that do not fit", () => {
  const train = (weights: string, ...more: string[]) => ["train", "sparse", ...tiny, "--out", "o", "--weights", weights, ...more];
  mkdirSync(path("no-model"));
  refuse(
    root,
    [
      train("nowhere.pth"),
      /^nowhere\.pth: no such file; --weights takes a file, a run's folder, auto, random, imagenet, pathology, pathology:bt$/,
    ],
    [train("sparse/annotations.json"), /annotations\.json: is text that begins .*expected safetensors or a PyTorch state dict/],
    [train("no-model"), /^no-model: a folder without model\.safetensors; pass a finished run or a file of weights$/],
    [
      train("finished", "--backbone", "resnet34"),
      /finished\/model\.safetensors: has the weights of a resnet18, but --backbone is resnet34; pass --backbone resnet18 or other --weights$/,
    ],
    [
      train("imagenet"),
      /^https:\/\/download\.pytorch\.org\/models\/resnet18-f37072fd\.pth: not fetched, because SPARSECELL_OFFLINE is set; to use them all the same, save .* as .*\/resnet18-f37072fd\.pth$/,
    ],
    [
      train("pathology"),
      /^--weights pathology: has the weights of a resnet50, but --backbone is resnet18; pass --backbone resnet50 or other --weights$/,
    ],
    [
      train("pathology:bt", "--backbone", "resnet50"),
      /^--weights pathology:bt: .* research use only .*; if you accept that, add --accept-license$/,
    ],
  );
  assert.ok(!existsSync(path("o")));
});

test("train: a folder that holds a run, and a resume that cannot be", () => {
  const train = (out: string) => ["train", "sparse", ...tiny, "--out", out];
  const resume = (run: string) => ["train", "--resume", run];
  for (const name of ["cut-checkpoint", "cut-config", "empty-config"]) createRun(name);
  writeFileSync(
    path("cut-checkpoint/checkpoint.safetensors"),
    readFileSync(path("finished/model.safetensors")).subarray(0, 100_000),
  );
  writeFileSync(path("cut-config/config.json"), '{\n"config": {\n');
  writeFileSync(path("empty-config/config.json"), "{}");
  writeFileSync(path("finished/evaluation.json"), "{}"); // the last file of a training: without it, that would be made up for
  refuse(
    root,
    [
      train("unfinished"),
      /^unfinished: already holds a run; choose another folder, or resume it: npx sparsecell train --resume unfinished$/,
    ],
    [train("finished"), /^finished: already holds a run; choose another folder$/],
    [resume("finished"), /^finished: already finished; its model is finished\/model\.safetensors/],
    [resume("sparse"), /^sparse: not a run folder: it has no config\.json; check the path$/],
    [
      [...resume("unfinished"), "sparse", "--steps", "9", "--no-augment"],
      /--resume takes every setting from the run; leave out the dataset, --steps, --no-augment$/,
    ],
    [
      resume("cut-checkpoint"),
      /^cut-checkpoint\/checkpoint\.safetensors: is cut off: .*; remove it and resume to begin from step 1$/,
    ],
    [resume("cut-config"), /^cut-config\/config\.json:3: is not valid JSON/],
    [
      resume("empty-config"),
      /^empty-config\/config\.json:1: config: is missing; expected an object; this is not the record of a run; /,
    ],
  );
});

test("train: a learning rate so large that the loss is no number any more", () => {
  const diverging = { lr: 1e9, batch: 2, checkpointEvery: 1 };
  const message =
    /^step [23]: the .* not finite on ki67-\d+\.png, ki67-\d+\.png; the weights were not touched; the batch is in (fpn|bde)\/nonfinite-step-[23]; lower --lr, or add --warmup or --clip-gradient, or leave such steps out: npx sparsecell train --resume \1 --on-nonfinite skip$/;
  for (const method of ["fpn", "bde"]) createRun(method, { method, ...diverging });
  refuse(root, [["train", "--resume", "fpn"], message], [["train", "--resume", "bde"], message]);
  for (const method of ["fpn", "bde"]) {
    const run = new RunFolder(path(method));
    assert.ok(run.log().length > 0 && run.hasCheckpoint && !run.isFinished);
    assert.deepEqual(
      filesOf(run.dir).map((name) => name.replace(/\d$/, "N")),
      ["checkpoint.safetensors", "config.json", "log.jsonl", "nonfinite-step-N", "timings.jsonl"],
    );
  }
});

test("predict: a model that is none, images that are none; nothing is written, also when some images were good", () => {
  const predict = (model: string, ...images: string[]) => ["predict", "--model", model, "--out", "cells.json", ...images];
  writeFileSync(path("empty.pth"), "");
  mkdirSync(path("no-images"));
  writeFileSync(path("cut.safetensors"), readFileSync(path("finished/model.safetensors")).subarray(0, 200_000));
  writeDataset({ ...dataset, images: dataset.images.map((image) => ({ ...image, split: "train" })) }, path("no-test"));
  refuse(
    root,
    [predict("nowhere", image), /^nowhere: no such run folder or file; check --model$/],
    [predict("notes.png/inside", image), /^notes\.png\/inside: no such run folder or file/],
    [
      predict("unfinished", image),
      /^unfinished: has no model\.safetensors; its training is not finished; resume with: npx sparsecell train --resume unfinished$/,
    ],
    [predict("notes.png", image), /^notes\.png: is text that begins "no image at all"/],
    [predict("empty.pth", image), /^empty\.pth: is empty; copy or download it again$/],
    [predict("cut.safetensors", image), /^cut\.safetensors: is cut off/],
    [predict("finished", image, "nowhere.png"), /^nowhere\.png: no such file or folder; check the path$/],
    [
      predict("finished", image, "no-images"),
      /^no-images: has no slides and no PNG, JPEG or TIFF images; pass a folder that has some, or files$/,
    ],
    [predict("finished", image, "notes.png"), /^notes\.png: cannot be decoded: /],
    [predict("finished", "--data", "nowhere"), /^nowhere: no such folder/],
    [predict("finished", "--data", "no-test", "--split", "test"), /^no-test: has no images of the test split$/],
  );
  assert.ok(!existsSync(path("cells.json")));
});

test("compare: runs that cannot be compared", () => {
  const compare = (...runs: string[]) => ["compare", ...runs, "--out", "page.html"];
  for (const name of ["complete", "all-train", "gone"]) {
    untrainedRun(path(`on-${name}`), dataset);
    editJson<{ config: { data: string } }>(path(`on-${name}/config.json`), ({ config }) => (config.data = path(name)));
  }
  writeDataset({ ...dataset, images: dataset.images.map((image) => ({ ...image, split: "train" })) }, path("all-train"));
  refuse(
    root,
    [compare("finished", "nowhere"), /^nowhere: not a run folder/],
    [compare("finished", "unfinished"), /^unfinished: is not finished; resume with: npx sparsecell train --resume unfinished$/],
    [compare("finished", "on-complete"), /trained on different datasets: .*sparse, .*complete$/],
    [compare("on-all-train"), /all-train: has no test images; make some with: npx sparsecell data split$/],
    [compare("on-gone"), /gone: no such folder/],
  );
  assert.ok(!existsSync(path("page.html")));
});

test("evaluate: files that are no detections or annotations", () => {
  const evaluate = (detections: string, annotations: string) => [
    "evaluate",
    "--detections",
    detections,
    "--annotations",
    annotations,
    "--json",
  ];
  writeFileSync(path("found.json"), '[\n  {"image_id": 1, "category_id": 1,\n   "bbox": [1, 2, null, 4], "score": 0.5}\n]\n');
  refuse(
    root,
    [evaluate("nowhere.json", "sparse"), /^nowhere\.json: cannot be read: no such file/],
    [evaluate("found.json", "sparse"), /^found\.json:3: .*bbox/],
    [evaluate("notes.png", "sparse"), /^notes\.png:1: is not valid JSON/],
    [evaluate("found.json", "finished"), /^finished\/annotations\.json: cannot be read/],
  );
});

test("demo: a folder with somebody's files, or a file", () => {
  mkdirSync(path("thesis"));
  writeFileSync(path("thesis/report.html"), "years of work");
  refuse(
    root,
    [["demo", "--out", "thesis"], /^thesis: is not empty and not from an earlier demo; choose another folder with --out$/],
    [["demo", "--out", "notes.png"], /^notes\.png: is a file; choose another folder with --out$/],
  );
  assert.deepEqual(
    [readdirSync(path("thesis")), readFileSync(path("thesis/report.html"), "utf8")],
    [["report.html"], "years of work"],
  );
});
