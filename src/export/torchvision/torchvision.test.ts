// The state dict is read back, here and by Python's torchvision, which finds the same boxes with it.

import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, test } from "node:test";
import { readWeights } from "@sparsecell/torch";
import type { RgbImage } from "../../data/image-file.ts";
import { Detector } from "../../detector/detector.ts";
import { saveDetector } from "../../detector/weights.ts";
import { Random } from "../../random.ts";
import { type DetectorConfig, defaultConfig, type InputSize } from "../../settings/detector.ts";
import { exportModel } from "../export-model.ts";
import { disagreement, type Found } from "../onnx/onnx.fixture.ts";

const folder = mkdtempSync(join(tmpdir(), "torchvision-"));
after(() => rmSync(folder, { recursive: true }));

const python = ["/usr/bin/python3", "python3"].find(
  (command) => spawnSync(command, ["-c", "import torchvision.models.detection"], { cwd: folder }).status === 0,
);
const skip = python ? false : "no Python with torchvision";

const small: DetectorConfig = {
  ...defaultConfig,
  backbone: "resnet18",
  normalization: "group-norm",
  classes: ["positive", "negative"],
  input: { kind: "resolution", window: 64, mpp: 0.5, scale: 1 },
  anchors: { ...defaultConfig.anchors, sizes: [[12], [24], [48], [96], [192]] },
  rpn: { ...defaultConfig.rpn, preNmsTopN: { train: 60, test: 30 }, postNmsTopN: { train: 60, test: 15 } },
  roi: { ...defaultConfig.roi, representationSize: 64 },
};

const detect = `
import json, sys
import torch
import model
data = json.load(sys.stdin)
detector, found = model.load(), []
for image in data:
    pixels = torch.tensor(image["data"], dtype=torch.float32).reshape(image["height"], image["width"], 3).permute(2, 0, 1) / 255
    with torch.no_grad():
        [cells] = detector([pixels])
    found.append({name: cells[name].flatten().tolist() for name in ("boxes", "scores", "labels")})
print(json.dumps(found))
`;

function noise(width: number, height: number): RgbImage {
  const random = new Random(width, height);
  return { width, height, data: Uint8Array.from({ length: 3 * width * height }, () => random.integer(256)) };
}

/** Exports a detector with random weights, has Python run it, and returns how many cells both find on each image. */
function compare(config: DetectorConfig, images: readonly RgbImage[]): number[] {
  const dir = mkdtempSync(join(folder, "model-"));
  const detector = new Detector(config, { seed: 7 });
  saveDetector(join(dir, "model.safetensors"), detector);
  exportModel(join(dir, "model.safetensors"), { format: "torchvision", out: join(dir, "model.pth") });
  writeFileSync(join(dir, "detect.py"), detect);
  const input = JSON.stringify(images.map(({ data, ...size }) => ({ ...size, data: [...data] })));
  const { stdout, stderr, status } = spawnSync(python as string, ["detect.py"], { cwd: dir, input, encoding: "utf8" });
  assert.equal(status, 0, stderr);
  const counts = (JSON.parse(stdout) as { boxes: number[]; scores: number[]; labels: number[] }[]).map((cells, i) => {
    const [expected] = detector.detect([images[i]]);
    const found: Found = {
      boxes: Float32Array.from(cells.boxes),
      scores: Float32Array.from(cells.scores),
      labels: Int32Array.from(cells.labels),
    };
    const { lost, pixels, score } = disagreement(expected, found);
    const where = `${images[i].width}×${images[i].height}, ${expected.scores.length} cells`;
    assert.equal(lost, 0, where);
    assert.ok(pixels < 0.01 && score < 1e-4, `${where}: ${pixels} pixels, ${score} in score`);
    return expected.scores.length;
  });
  detector.release();
  return counts;
}

test("torchvision finds the same boxes, at a working resolution and with a head for each level", { skip }, () => {
  const config = { ...small, rpn: { ...small.rpn, heads: "per-level" } } as const;
  const counts = compare(config, [noise(64, 64), noise(192, 128), noise(100, 150)]);
  assert.ok(counts.every((count) => count > 5) && counts[1] > counts[0], `${counts}`);
});

const inputs: readonly InputSize[] = [
  { kind: "stretch", size: 96 },
  { kind: "letterbox", size: 96 },
  { kind: "shortest-edge", min: 90, max: 130 },
];
for (const input of inputs)
  test(`torchvision finds the same boxes, input ${input.kind}`, { skip }, () => {
    const config = { ...small, normalization: "frozen-batch-norm", batchNormEps: 1e-3, classes: ["cell"], input } as const;
    const counts = compare(config, [noise(64, 64), noise(200, 90)]);
    assert.ok(
      counts.every((count) => count > 5),
      `${counts}`,
    );
  });

test("the state dict has every tensor, to the last bit", () => {
  const detector = new Detector(small, { seed: 7 });
  const file = join(folder, "own.safetensors");
  saveDetector(file, detector);
  const out = join(folder, "own.pth");
  assert.deepEqual(exportModel(file, { format: "torchvision", out }), [out, join(folder, "own.py"), join(folder, "own.md")]);
  const { tensors } = readWeights(out);
  assert.deepEqual([...tensors.keys()], [...detector.state().keys()]);
  for (const [name, tensor] of detector.state()) {
    assert.deepEqual(tensors.get(name)?.shape, tensor.shape, name);
    assert.ok(Buffer.from(tensors.get(name)!.data).equals(Buffer.from(tensor.bytes())), name);
  }
  detector.release();
});
