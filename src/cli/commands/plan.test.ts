// A training that configures itself, from the command line: the plan alone, in a file, in a run; the working resolution.

import assert from "node:assert/strict";
import { cpSync, existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, test } from "node:test";
import type { RunRecord } from "../../runs/run-folder.ts";
import { refuse, succeed } from "../cli.fixture.ts";

const root = mkdtempSync(join(tmpdir(), "cli-plan-"));
after(() => rmSync(root, { recursive: true }));
const small = ["--weights", "random", "--window", "64", "--threads", "1"];
const json = <T>(file: string): T => JSON.parse(readFileSync(join(root, file), "utf8"));
const boxesOf = (file: string) => json<{ annotations: { bbox: number[] }[] }>(file).annotations.map(({ bbox }) => bbox);

before(() => {
  succeed(root, "data", "synth", "--kind", "ki67", "--images", "4", "--size", "96x96", "--seed", "1", "--out", "tissue");
  const annotations = json<{ images: object[] }>("tissue/annotations.json");
  const images = annotations.images.map((image) => ({ ...image, mpp: 0.25 }));
  writeFileSync(join(root, "tissue/annotations.json"), JSON.stringify({ ...annotations, images }));
});

test("plan says what it chose and why; its file is a plan that train takes, edited too", () => {
  const { stdout } = succeed(root, "plan", "tissue", ...small, "--steps", "2", "--out", "plan.json");
  assert.match(stdout, /^working resolution {2,}.* \(given\)$/m);
  assert.match(stdout, /^backbone {2,}resnet18 \(a processor .*\)$/m);
  assert.match(stdout, /^first weights {2,}random \(given\)$/m);
  assert.deepEqual(json("plan.json"), JSON.parse(succeed(root, "plan", "tissue", ...small, "--steps", "2", "--json").stdout));

  const plan = json<{ choices: object[] }>("plan.json");
  const mine = { what: "mine", chosen: "", reason: "", settings: { steps: 2, lr: 0.004 } };
  writeFileSync(join(root, "mine.json"), JSON.stringify({ ...plan, choices: [...plan.choices, mine] }));
  succeed(root, "train", "tissue", "--plan", "mine.json", ...small);
  const { config, plan: recorded = [] } = json<RunRecord>("runs/tissue/config.json");
  assert.deepEqual([config.steps, config.lr, config.detector.input.kind], [2, 0.004, "resolution"]);
  assert.ok(recorded.some(({ what, reason }) => what === "backbone" && reason.length > 10));
  assert.ok(existsSync(join(root, "runs/tissue/model.safetensors")));
});

test("a budget decides on the steps", () => {
  const { choices } = JSON.parse(succeed(root, "plan", "tissue", ...small, "--budget", "0.01s", "--json").stdout) as {
    choices: { what: string; reason: string; settings: { steps?: number } }[];
  };
  const steps = choices.find(({ what }) => what === "steps");
  assert.equal(steps?.settings.steps, 100);
  assert.match(steps?.reason ?? "", /^a step takes .* s on this machine; the least that a detector needs/);
});

test("a model has its resolution: images of unknown scale are said, --mpp and --scale bring them to it", () => {
  const predict = ["predict", "--model", "runs/tissue", "--threads", "1", "--score", "0", "--out"];
  const unknown = succeed(root, ...predict, "a.json", "tissue/images");
  assert.match(unknown.stderr, /its microns per pixel are unknown, .*: --mpp N; the same holds for 3 more$/m);
  const given = succeed(root, ...predict, "b.json", "--mpp", "0.25", "tissue/images");
  assert.doesNotMatch(given.stderr, /microns/);
  succeed(root, ...predict, "c.json", "--data", "tissue");
  succeed(root, ...predict, "d.json", "--scale", "0.3", "tissue/images");
  assert.deepEqual(boxesOf("b.json"), boxesOf("c.json"));
  assert.notDeepEqual(boxesOf("d.json"), boxesOf("b.json"));
});

test("what contradicts itself is refused", () => {
  succeed(root, "data", "synth", "--kind", "ki67", "--images", "4", "--size", "64x64", "--seed", "1", "--out", "unscaled");
  cpSync(join(root, "tissue"), join(root, "leaky"), { recursive: true });
  const { images, ...others } = json<{ images: object[] }>("tissue/annotations.json");
  const training = images.map((image) => ({ ...image, split: "train" }));
  writeFileSync(join(root, "leaky/annotations.json"), JSON.stringify({ images: training, ...others }));
  const stretched = ["--weights", "random", "--backbone", "resnet18", "--input-size", "64", "--steps", "1", "--threads", "1"];
  succeed(root, "train", "unscaled", ...stretched, "--out", "stretched");
  refuse(
    root,
    [
      ["plan", "tissue", "--window", "64", "--input-size", "64"],
      /^--window, --mpp and --scale choose a working resolution; leave out --input-size and --resize$/,
    ],
    [
      ["train", "tissue", "--test", "leaky", ...small, "--steps", "1", "--out", "x"],
      /^--test .*leaky: 3 of its images are training images too, for instance ki67-\d+\.png; pass images that the training does not see$/,
    ],
    [
      ["predict", "--model", "runs/tissue", "--mpp", "1e6", "--out", "x.json", "tissue/images"],
      /^tissue\/images\/ki67-\d+\.png: has 96×96 pixels and would have \d+×\d+ at the model's working resolution; check /,
    ],
    [["plan", "unscaled", "--mpp", "0.5"], /^--mpp: no training image says its microns per pixel; give --scale, or /],
    [["plan", "tissue", "--budget", "soon"], /'soon' is invalid\. It must be a time such as 15m, 2h or 90s/],
    [["plan", "tissue", "--plan", "tissue/annotations.json"], /annotations\.json:1: .*not a plan; make one with/],
    [["plan", "tissue", "--out", "tissue/annotations.json"], /is an input of this command; pass another file to --out$/],
    [
      ["predict", "--model", "stretched", "--scale", "2", "--out", "x.json", "unscaled/images"],
      /^--scale: the model resizes every image to its input; it has no working resolution$/,
    ],
    [
      ["predict", "--model", "runs/tissue", "--tile", "100", "--out", "x.json", "tissue/images"],
      /^--tile: expected one number of at least 192: the model has windows at its working resolution$/,
    ],
  );
});
