// Gradients by layer from the command line: of run folders, of a grid, and what cannot be.

import assert from "node:assert/strict";
import { cpSync, existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { readWeights, writeSafetensors } from "@sparsecell/torch";
import type { Dataset } from "../../data/dataset.ts";
import { readDataset, writeDataset } from "../../data/dataset-folder.ts";
import { sparsify } from "../../data/sparsify.ts";
import { writeGridReport } from "../../publish/grid.ts";
import { type Gradients, readGradients } from "../../runs/gradients.ts";
import { writeMadeUpGrid } from "../../runs/grid.fixture.ts";
import { datasetDigest } from "../../runs/grid-folder.ts";
import { RunFolder } from "../../runs/run-folder.ts";
import { tinyConfig, tinyDataset, untrainedRun } from "../../train/run.fixture.ts";
import { editJson, refuse, sparsecell, succeed } from "../cli.fixture.ts";

const root = mkdtempSync(join(tmpdir(), "cli-gradients-"));
after(() => rmSync(root, { recursive: true }));

const path = (...parts: string[]): string => join(root, ...parts);
const read = (out: string): Gradients => readGradients(path(out, "gradients.json"));
const mean = (values: readonly number[]): number => values.reduce((sum, value) => sum + value, 0) / values.length;

/** Six images, the two of the test complete; the second of these has no annotation. */
let dataset: Dataset;
before(async () => {
  dataset = await tinyDataset(path("drawn"));
  const empty = dataset.images.filter(({ split }) => split === "test")[1].id;
  dataset = writeDataset(
    { ...dataset, annotations: dataset.annotations.filter(({ imageId }) => imageId !== empty) },
    path("sparse"),
  );
  untrainedRun(path("fpn"), dataset, { method: "fpn", seed: 3 });
  untrainedRun(path("bde"), dataset, { method: "bde", seed: 3, lr: 0.002 });
});

test("--methods leaves out the others", () => {
  succeed(root, "gradients", "fpn", "bde", "--data", "sparse", "--methods", "bde", "--out", "one");
  const { runs, methods } = read("one");
  assert.deepEqual(
    [runs, methods].map((list) => list.length),
    [1, 1],
  );
  refuse(root, [
    ["gradients", "fpn", "--data", "sparse", "--methods", "bde", "--out", "none"],
    /no run of bde; choose other --methods/,
  ]);
});

test("two runs give every layer of both, a figure, and a page", () => {
  const { stdout, lines } = succeed(root, "gradients", "fpn", "bde", "--data", "sparse", "--out", "two");
  assert.match(stdout, /^35 layers of 2 runs: two\/gradients\.json\nfigure: two\/gradients\.html\n$/);
  assert.deepEqual(lines, []);
  assert.deepEqual(readdirSync(path("two")).sort(), ["gradients.html", "gradients.json", "gradients.png", "gradients.svg"]);
  const { runs, methods, ...about } = read("two");
  assert.deepEqual([about.dataset, about.split, about.loss, about.samplingSeed], ["sparse", "test", "all", 0]);
  assert.deepEqual(
    methods.map(({ name }) => name),
    ["fpn", "bde"],
  );
  const test = dataset.images.filter(({ split }) => split === "test").map(({ fileName }) => fileName);
  for (const { run, keep, fold, seed, images, layers } of runs) {
    assert.ok(["fpn", "bde"].includes(run));
    assert.deepEqual([keep, fold, seed, images, layers.length], [0.5, null, 3, test, 35]);
    for (const { name, mean: mu, perImage } of layers) {
      assert.equal(perImage.length, 2);
      assert.ok(Math.abs(mu - mean(perImage)) <= 1e-6 * mu, name);
    }
    const boxes = layers.filter(({ name }) => name.endsWith("bbox_pred.weight"));
    assert.ok(
      boxes.every(({ perImage: [some, none] }) => some > 0 && none === 0),
      "no box loss without annotations",
    );
  }
  assert.deepEqual(runs[0].layers, runs[1].layers, "one seed, so the same weights: the loss is of no method");
  assert.match(readFileSync(path("two/gradients.svg"), "utf8"), />a tie</);
});

test("hidden annotations count: the complete dataset gives the same", () => {
  const gradients = (data: string, out: string) =>
    succeed(root, "gradients", "fpn", "--data", data, "--split", "train", "--images", "2", "--out", out);
  mkdirSync(path("hidden"));
  writeFileSync(path("hidden/gradients.svg"), "of an earlier analysis");
  const { lines } = gradients("sparse", "hidden");
  assert.deepEqual(lines, ["only one method at every rate: nothing to compare, so no figure"]);
  assert.deepEqual(readdirSync(path("hidden")), ["gradients.json"]);
  gradients("drawn/complete", "whole");
  const [hidden, whole] = [read("hidden"), read("whole")];
  assert.deepEqual(hidden.runs, whole.runs);
  assert.equal(hidden.runs[0].images.length, 2);
});

test("the second stage's loss alone leaves the first stage's layers without a gradient", () => {
  succeed(root, "gradients", "fpn", "--data", "sparse", "--loss", "second-stage", "--images", "1", "--out", "second");
  const { loss, runs } = read("second");
  assert.equal(loss, "second-stage");
  for (const { block, mean: mu, name } of runs[0].layers) if (block !== "FPN") assert.equal(mu === 0, block === "RPN", name); // the pyramid's coarsest level may have no RoI
});

test("a grid's runs look at the images of their own fold; its report has a section of them", async () => {
  const methods = ["fpn", "bde", "proselflc"];
  await writeMadeUpGrid({ dir: path("grid"), images: 6, folds: 2, keeps: [1], methods: methods.toReversed() });
  editJson<object>(path("grid/grid.json"), (grid) => Object.assign(grid, { dataDigest: datasetDigest(path("grid/dataset")) }));
  const gradients = ["gradients", "grid", "--data", "grid/dataset", "--out", "grid/gradients"];
  refuse(
    root,
    [gradients, /^grid: none of its 6 finished runs has a model; run the experiment again with --keep-models$/],
    [gradients.with(3, "sparse"), /^sparse: is not the dataset of grid, whose folds are of .*; pass that one with --data$/],
  );
  const complete = readDataset(path("grid/dataset"));
  for (const [i, fold] of [0, 0, 1, 1].entries())
    untrainedRun(path(`grid/runs/fold${fold}-keep1-${methods[i % 2]}-seed0`), complete, { method: methods[i % 2], seed: i });

  const { stdout, lines } = succeed(root, ...gradients);
  assert.match(stdout, /^35 layers of 4 runs: /);
  assert.deepEqual(lines, ["grid: 4 of 6 finished runs have a model; the others are skipped"]);
  const { runs, methods: listed } = read("grid/gradients");
  assert.deepEqual(
    listed.map(({ name }) => name),
    methods.toReversed(),
    "looks are those of the grid's report",
  );
  const [first, second] = [0, 1].map((fold) => runs.filter((run) => run.fold === fold).map(({ images }) => images));
  for (const own of [first, second]) assert.deepEqual(own[0], own[1]);
  assert.deepEqual([...first[0], ...second[0]].sort(), complete.images.map(({ fileName }) => fileName).sort());

  const report = async () => {
    const notes: string[] = [];
    const { page } = await writeGridReport({ dir: path("grid"), onNote: (line) => notes.push(line) });
    return { notes, page: readFileSync(page, "utf8") };
  };
  const { page } = await report();
  assert.match(page, /<h2>Which layers improve\?<\/h2>/);
  assert.match(page, /Method with the smallest test gradient in each layer: dataset, 2 folds, 3 test images per run/);
  assert.match(readFileSync(path("grid/report/gradients.svg"), "utf8"), />FPN \+ BDE</);
  assert.match(readFileSync(path("grid/report/report.md"), "utf8"), /## Which layers improve\?\n\n!\[.*\]\(gradients\.svg\)/);

  writeFileSync(path("grid/gradients/gradients.json"), "{}");
  const damaged = await report();
  assert.match(
    damaged.notes[0],
    /^no gradients by layer: .*gradients\.json: not a file of "sparsecell gradients"; run that command again$/,
  );
  assert.match(damaged.page, /The gradients by layer could not be read\./);
  rmSync(path("grid/gradients"), { recursive: true });
  assert.doesNotMatch((await report()).page, /Which layers improve/);
});

test("test images that a run was trained on are told", () => {
  const { images } = readDataset(path("drawn/complete"));
  const turned = images.map((image) => ({ ...image, split: image.split === "test" ? ("train" as const) : ("test" as const) }));
  writeDataset({ ...readDataset(path("drawn/complete")), images: turned }, path("turned"));
  const { lines } = succeed(root, "gradients", "fpn", "--data", "turned", "--images", "1", "--out", "seen");
  assert.match(lines[0], /^fpn: was trained on 4 of the test images of turned \(.*\), so they do not test it$/);
});

test("what cannot be is one line, before the first gradient", () => {
  const gradients = (...args: string[]) => ["gradients", ...args, "--out", "o"];
  const sparse = ["--data", "sparse"];
  const config = tinyConfig(dataset, { method: "fpn" });
  new RunFolder(path("unfinished")).create({ config, versions: {}, started: "" });
  const { detector } = config;
  untrainedRun(path("per-level"), dataset, {
    method: "bde",
    detector: { ...detector, rpn: { ...detector.rpn, heads: "per-level" } },
  });
  untrainedRun(path("other-class"), dataset, { detector: { ...detector, classes: ["a", "b"] } });
  untrainedRun(path("moved"), sparsifiedAt("gone"), { method: "fpn" });
  rmSync(path("gone"), { recursive: true });

  cpSync(path("bde"), path("lacking"), { recursive: true });
  const { tensors, metadata } = readWeights(path("lacking/model.safetensors"));
  tensors.delete("backbone.body.layer3.0.conv2.weight");
  writeSafetensors(path("lacking/model.safetensors"), tensors, metadata);

  const training = dataset.images.filter(({ split }) => split === "train");
  writeDataset({ ...dataset, images: training, annotations: [] }, path("no-test"));

  refuse(
    root,
    [gradients("nowhere", ...sparse), /^nowhere: no such folder; pass run folders, or the folder of a grid$/],
    [gradients("sparse", ...sparse), /^sparse: not a run folder: it has no config\.json/],
    [gradients("unfinished", ...sparse), /^unfinished: has no model\.safetensors; .*train --resume unfinished$/],
    [
      gradients("fpn", "--data", "no-test"),
      /^no-test: has no image of the test split; split it with .*or choose another --split$/,
    ],
    [
      gradients("fpn", "per-level", ...sparse),
      /^per-level: is resnet18 .*per-level RPN heads.*, but fpn is .*shared RPN heads.*: their layers cannot be compared; analyse them separately$/,
    ],
    [gradients("fpn", "fpn", ...sparse), /^fpn: cannot be told from fpn: both are fpn, rate 0\.5, seed 3; /],
    [gradients("other-class", ...sparse), /^other-class: finds a, b, but the categories of sparse are /],
    [gradients("moved", ...sparse), /^moved: its dataset .*gone is gone, .*put it back$/],
    [gradients("lacking", ...sparse), /^lacking\/model\.safetensors: .*backbone\.body\.layer3\.0\.conv2\.weight/],
    [gradients("fpn"), /required option '--data <dir>' not specified/],
    [["gradients", ...sparse, "--out", "o"], /missing required argument 'run'/],
    [gradients("fpn", ...sparse, "--images", "0"), /must be a whole number of at least 1/i],
  );
  assert.ok(!existsSync(path("o")));
  const { stderr } = sparsecell(root, ...gradients("fpn", "per-level", ...sparse));
  assert.doesNotMatch(stderr, /1\/4/, "no image was looked at");
});

function sparsifiedAt(name: string): Dataset {
  return writeDataset(sparsify(readDataset(path("drawn/complete")), { keep: 0.5, seed: 1 }), path(name));
}
