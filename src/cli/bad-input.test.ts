// What people get wrong: one line on stderr that names the file and says what to do, exit code 1, nothing on stdout, and
// nothing half-written. (`refuse` asserts all of that but the last.)

import assert from "node:assert/strict";
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, describe, test } from "node:test";
import sharp from "sharp";
import type { Dataset } from "../data/dataset.ts";
import { imagePath, writeDataset } from "../data/dataset-folder.ts";
import { tinyConfig, tinyDataset, untrainedRun } from "../train/run.fixture.ts";
import { RunFolder } from "../train/run-folder.ts";
import { editJson, refuse as refuseIn, sparsecell, tiny } from "./cli.fixture.ts";

const root = mkdtempSync(join(tmpdir(), "cli-bad-input-"));
after(() => rmSync(root, { recursive: true }));

const refuse = (...args: string[]): string => refuseIn(root, ...args);
const path = (...parts: string[]): string => join(root, ...parts);

let dataset: Dataset;
before(async () => {
  dataset = await tinyDataset(root);
  untrainedRun(path("finished"), dataset);
  new RunFolder(path("unfinished")).create({ config: tinyConfig(dataset), versions: {}, started: "" });
  writeFileSync(path("notes.png"), "no image at all\n");
});

/** A copy of the dataset in which one training image is another file. */
function withImage(name: string, bytes: Buffer): string {
  const copy = writeDataset(dataset, path(name));
  const file = imagePath(name, copy.images.filter(({ split }) => split === "train")[2]);
  rmSync(join(root, file)); // a link to the original
  writeFileSync(join(root, file), bytes);
  return file;
}

describe("command lines", () => {
  test("unknown commands and options, and values that cannot be", () => {
    const cases: [string[], RegExp][] = [
      [["trian", "sparse"], /unknown command 'trian'; did you mean train\?; see --help/],
      [["data", "syntth"], /unknown command 'syntth'; did you mean synth\?/],
      [["train", "sparse", "--stepz", "3"], /unknown option '--stepz'; did you mean --steps\?; see --help/],
      [["train", "sparse", "more", "--out", "o"], /too many arguments/],
      [["train", "sparse", "--method", "sgd", "--out", "o"], /--method <name>' argument 'sgd' is invalid\. Allowed choices are fpn, bde; see/],
      [["train", "sparse", "--backbone", "vgg", "--out", "o"], /'vgg' is invalid\. Allowed choices are resnet18, resnet34, resnet50, resnet101/],
      [["train", "sparse", "--dtype", "float16", "--out", "o"], /'float16' is invalid\. Allowed choices are float32, bfloat16/],
      [["train", "sparse", "--steps", "0", "--out", "o"], /--steps <n>' argument '0' is invalid\. It must be a whole number from 1 on/],
      [["train", "sparse", "--steps", "2.5", "--out", "o"], /whole number/],
      [["train", "sparse", "--lr", "fast", "--out", "o"], /--lr <rate>' argument 'fast' is invalid\. It must be a number from 0/],
      [["train", "sparse", "--lr", "", "--out", "o"], /It must be a number/],
      [["train", "sparse", "--trainable-layers", "6", "--out", "o"], /--trainable-layers is at most 5/],
      [["train", "sparse"], /where to\? give --out RUN/],
      [["train"], /which dataset\? give its folder/],
      [["predict", "--model", "finished", "--out", "o", "--score", "1.5", "a.png"], /--score <number>' argument '1\.5' is invalid/],
      [["predict", "--model", "finished", "a.png"], /required option '--out <file>' not specified/],
      [["predict", "--model", "finished", "--out", "o"], /on which images\? give files, or --data/],
      [["predict", "--model", "finished", "--out", "o", "--split", "test", "a.png"], /--split goes with --data/],
      [["predict", "--model", "finished", "--out", "o", "--data", "sparse", "a.png"], /give images or --data, not both/],
      [["compare", "--out", "o"], /missing required argument 'runs'/],
      [["bench", "step", "--size", "16"], /--size <pixels>' argument '16' is invalid\. It must be a whole number from 32 on/],
      [["demo", "--keep", "0"], /--keep <rate>' argument '0' is invalid\. It must be a number from 0\.001 to 1/],
    ];
    for (const [args, message] of cases) assert.match(refuse(...args), message);
    assert.ok(!existsSync(path("o")));
  });

  test("--debug adds the stack trace", () => {
    for (const args of [["train", "nowhere", "--out", "o"], ["train", "--stepz"]]) {
      const { status, stdout, stderr } = sparsecell(root, "--debug", ...args);
      assert.deepEqual([status, stdout], [1, ""]);
      assert.match(stderr, /^sparsecell: .*\n\w*Error: .*\n {4}at /);
    }
  });

  test("a GPU that is not there", () => {
    for (const args of [
      ["train", "sparse", ...tiny, "--out", "o"],
      ["predict", "--model", "finished", "--out", "o", "--data", "sparse"],
      ["bench", "step", "--backbone", "resnet18", "--size", "32"],
    ])
      assert.match(refuse(...args, "--device", "cuda:77"), /device: cuda:77 is not there; .* choose another --device$/);
    assert.match(refuse("train", "sparse", ...tiny, "--out", "o", "--device", "tpu"), /expected cpu, cuda or cuda:N, got tpu; choose another --device$/);
    assert.ok(!existsSync(path("o")));
  });
});

describe("train", () => {
  const train = (data: string, ...more: string[]): string => refuse("train", data, ...tiny, "--steps", "1", "--batch", "4", ...more);

  test("a dataset that is none", () => {
    assert.equal(train("nowhere", "--out", "o"), "sparsecell: nowhere: there is no such folder; check the path");
    assert.match(train("sparse/images", "--out", "o"), /^sparsecell: sparse\/images: is no dataset: it has no annotations\.json; make one with/);
    mkdirSync(path("torn"));
    writeFileSync(path("torn/annotations.json"), '{\n  "images": [\n');
    assert.match(train("torn", "--out", "o"), /^sparsecell: torn\/annotations\.json:3: is not valid JSON/);
    assert.ok(!existsSync(path("o")));
  });

  test("nothing to learn from", () => {
    writeDataset({ ...dataset, annotations: dataset.annotations.map((cell) => ({ ...cell, hidden: true })) }, path("all-hidden"));
    writeDataset({ ...dataset, images: dataset.images.map((image) => ({ ...image, split: "test" })) }, path("all-test"));
    for (const data of ["all-hidden", "all-test"])
      for (const anchors of ["data", "standard"])
        assert.match(train(data, "--anchors", anchors, "--out", "o"), new RegExp(`${data}: has no visible annotation on a training image, .*; annotate some cells`));
    assert.ok(!existsSync(path("o")));
  });

  test("an image that is cut off, or not the annotated one", async () => {
    const cut = withImage("cut", readFileSync(imagePath(dataset.dir, dataset.images[0])).subarray(0, 3000));
    assert.match(train("cut", "--out", "run-cut"), new RegExp(`^sparsecell: .*${cut}: cannot be decoded: .*it may be damaged or cut off, save it again`));
    assert.deepEqual(readdirSync(path("run-cut")).sort(), ["config.json", "log.jsonl"]); // to go on with, when it is mended
    const small = await sharp({ create: { width: 32, height: 48, channels: 3, background: "#fff" } }).png().toBuffer();
    const other = withImage("small", small);
    assert.match(train("small", "--out", "run-small"), new RegExp(`${other}: has 32×48 pixels, but .*annotations\\.json says 64×64; put the annotated image there$`));
  });

  test("weights that do not fit", () => {
    const weights = (file: string, ...more: string[]): string => train("sparse", "--out", "o", "--weights", file, ...more);
    assert.match(weights("nowhere.pth"), /nowhere\.pth: cannot be read: no such file or directory/);
    assert.match(weights("sparse/annotations.json"), /annotations\.json: is text that begins .*expected safetensors or a PyTorch state dict/);
    assert.match(
      weights("finished/model.safetensors"), // group normalisation
      /model\.safetensors: weights do not fit: 40 missing \(bn1\.running_mean, .*, …\); choose the --backbone that they are of, or accept what is missing with --partial-weights$/,
    );
    assert.ok(!existsSync(path("o")));
  });

  test("a folder that holds a run, and a resume that cannot be", () => {
    assert.match(train("sparse", "--out", "unfinished"), /unfinished: already holds a run; choose another folder, or go on with it: npx sparsecell train --resume unfinished$/);
    assert.match(train("sparse", "--out", "finished"), /finished: already holds a run; choose another folder$/);
    assert.match(refuse("train", "--resume", "finished"), /finished: is finished already; its model is finished\/model\.safetensors/);
    assert.match(refuse("train", "--resume", "sparse"), /sparse: is no run folder: it has no config\.json; check the path$/);
    assert.match(refuse("train", "sparse", "--resume", "unfinished", "--steps", "9", "--no-augment"), /--resume takes everything from the run; leave out the dataset, --steps, --no-augment$/);

    const damaged = new RunFolder(path("damaged"));
    damaged.create({ config: tinyConfig(dataset), versions: {}, started: "" });
    writeFileSync(path("damaged/checkpoint.safetensors"), readFileSync(path("finished/model.safetensors")).subarray(0, 100_000));
    assert.match(refuse("train", "--resume", "damaged"), /damaged\/checkpoint\.safetensors: is cut off: .*; remove it and resume to begin from step 1$/);
    writeFileSync(path("damaged/config.json"), '{\n"config": {\n');
    assert.match(refuse("train", "--resume", "damaged"), /damaged\/config\.json:3: is not valid JSON/);
    writeFileSync(path("damaged/config.json"), "{}");
    assert.match(refuse("train", "--resume", "damaged"), /damaged\/config\.json: is not the record of a run/);
  });

  for (const method of ["fpn", "bde"])
    test(`a learning rate so large that ${method} diverges`, () => {
      const line = train("sparse", "--method", method, "--steps", "6", "--lr", "1e9", "--checkpoint-every", "1", "--out", `diverged-${method}`);
      assert.match(line, /^sparsecell: step \d: the \w+ is (NaN|Infinity) on ki67-\d+\.png, .*; the weights were not touched; lower --lr, or add --warmup or --clip-gradient$/);
      const run = new RunFolder(path(`diverged-${method}`));
      const steps = run.log().length;
      assert.equal(Number(/step (\d)/.exec(line)?.[1]), steps + 1);
      assert.ok(run.hasCheckpoint && !run.isFinished);
    });
});

describe("predict", () => {
  const predict = (model: string, ...more: string[]): string => refuse("predict", "--model", model, "--out", "cells.json", ...more);

  test("a model that is none", () => {
    const image = imagePath("sparse", dataset.images[0]);
    assert.equal(predict("nowhere", image), "sparsecell: nowhere: there is no such run folder or file; check --model");
    assert.match(predict("notes.png/inside", image), /notes\.png\/inside: there is no such run folder or file/);
    assert.match(predict("unfinished", image), /unfinished: has no model\.safetensors; is its training finished\? go on with: npx sparsecell train --resume unfinished$/);
    assert.match(predict("notes.png", image), /notes\.png: is text that begins "no image at all"/);
    writeFileSync(path("empty.pth"), "");
    assert.match(predict("empty.pth", image), /empty\.pth: is empty; copy or download it again$/);
    writeFileSync(path("cut.safetensors"), readFileSync(path("finished/model.safetensors")).subarray(0, 200_000));
    assert.match(predict("cut.safetensors", image), /cut\.safetensors: is cut off/);
  });

  test("images that are none: nothing is written, also when some were good", () => {
    const good = imagePath("sparse", dataset.images[0]);
    assert.equal(predict("finished", good, "nowhere.png"), "sparsecell: nowhere.png: there is no such file; check the path");
    assert.match(predict("finished", good, "sparse"), /^sparsecell: sparse: there is no such file/);
    assert.match(predict("finished", good, "notes.png"), /^sparsecell: notes\.png: cannot be decoded: /);
    assert.match(predict("finished", "--data", "nowhere"), /nowhere: there is no such folder/);
    writeDataset({ ...dataset, images: dataset.images.map((image) => ({ ...image, split: "train" })) }, path("no-test"));
    assert.match(predict("finished", "--data", "no-test", "--split", "test"), /no-test: has no images of the test split$/);
    assert.ok(!existsSync(path("cells.json")));
  });
});

describe("compare and evaluate", () => {
  test("runs that cannot be compared", () => {
    const compare = (...runs: string[]): string => refuse("compare", ...runs, "--out", "page.html");
    assert.match(compare("finished", "nowhere"), /nowhere: is no run folder/);
    assert.match(compare("finished", "unfinished"), /unfinished: is not finished; go on with: npx sparsecell train --resume unfinished$/);
    untrainedRun(path("elsewhere"), { ...dataset, dir: path("complete") });
    assert.match(compare("finished", "elsewhere"), /trained on different datasets: .*sparse, .*complete$/);
    editJson<{ config: { data: string } }>(path("elsewhere/config.json"), ({ config }) => (config.data = path("no-test")));
    assert.match(compare("elsewhere"), /no-test: has no test images; make some with: npx sparsecell data split$/);
    editJson<{ config: { data: string } }>(path("elsewhere/config.json"), ({ config }) => (config.data = path("gone")));
    assert.match(compare("elsewhere"), /gone: there is no such folder/);
    assert.ok(!existsSync(path("page.html")));
  });

  test("files that are no detections or annotations", () => {
    const evaluate = (detections: string, annotations: string): string => refuse("evaluate", "--detections", detections, "--annotations", annotations, "--json");
    writeFileSync(path("found.json"), '[\n  {"image_id": 1, "category_id": 1,\n   "bbox": [1, 2, -3, 4], "score": 0.5}\n]\n');
    assert.match(evaluate("nowhere.json", "sparse"), /nowhere\.json: cannot be read: no such file/);
    assert.match(evaluate("found.json", "sparse"), /found\.json:3: .*bbox/);
    assert.match(evaluate("notes.png", "sparse"), /notes\.png:1: is not valid JSON/);
    assert.match(evaluate("found.json", "finished"), /finished\/annotations\.json: cannot be read/);
  });
});
