// `export model` as people run it.

import assert from "node:assert/strict";
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { Detector } from "../../detector/detector.ts";
import { loadDetector, saveDetector } from "../../detector/weights.ts";
import { defaultConfig } from "../../settings/detector.ts";
import { refuse, succeed } from "../cli.fixture.ts";

const root = mkdtempSync(join(tmpdir(), "cli-export-model-"));
after(() => rmSync(root, { recursive: true }));

before(() => {
  const config = { ...defaultConfig, backbone: "resnet18", roi: { ...defaultConfig.roi, representationSize: 8 } } as const;
  const detector = new Detector(config, { seed: 1 });
  saveDetector(join(root, "weights.safetensors"), detector);
  detector.release();
});

test("every format, with a card beside the model", () => {
  const model = (...args: string[]) => succeed(root, "export", "model", "weights.safetensors", ...args).stdout;
  assert.equal(model("--format", "onnx", "--out", "a.onnx"), "a.onnx\na.md\n");
  assert.equal(model("--format", "torchvision", "--out", "out/b.pth"), "out/b.pth\nout/b.py\nout/b.md\n");
  assert.equal(model("--format", "safetensors", "--out", "c.safetensors"), "c.safetensors\nc.md\n");
  for (const card of ["a.md", "out/b.md", "c.md"]) assert.match(readFileSync(join(root, card), "utf8"), /^# Cell detector\n/);
  const copy = loadDetector(join(root, "c.safetensors"), { seed: 0 });
  assert.equal(copy.config.roi.representationSize, 8);
  copy.release();
});

test("somebody else's file beside the model is not replaced", () => {
  writeFileSync(join(root, "train.py"), "mine\n");
  refuse(root, [
    ["export", "model", "weights.safetensors", "--format", "torchvision", "--out", "train.pth"],
    /^train\.py: exists, and no export wrote it; pass another name to --out$/,
  ]);
  assert.deepEqual([readFileSync(join(root, "train.py"), "utf8"), existsSync(join(root, "train.pth"))], ["mine\n", false]);
});

test("what is wrong is one line", () => {
  refuse(
    root,
    [
      ["export", "model", "nowhere", "--format", "onnx", "--out", "x.onnx"],
      /^nowhere: no such run folder or file; check the path$/,
    ],
    [
      ["export", "model", "weights.safetensors", "--format", "onnx", "--out", "weights.safetensors"],
      /is an input of this command; pass another file to --out$/,
    ],
    [
      ["export", "model", "weights.safetensors", "--format", "torchvision", "--out", "x.py"],
      /^x.py: a file beside the model has that name; pass another extension to --out$/,
    ],
    [["export", "model", "weights.safetensors", "--format", "tflite", "--out", "x"], /Allowed choices are onnx, torchvision/],
    [["train", "nowhere", "--track", "wandb"], /"wandb" is unknown; it takes tensorboard, mlflow/],
    [["train", "nowhere", "--track", "mlflow"], /^MLFLOW_TRACKING_URI is not set; set it to the address of the MLflow server$/],
  );
  assert.ok(!existsSync(join(root, "x.onnx")) && !existsSync(join(root, "x.py")));
});
