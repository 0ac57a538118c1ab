// Compares `export model --format onnx`, run by ONNX Runtime, with the detector itself, on the images of a dataset:
//
//   node benchmarks/onnx.mjs RUN DATASET [IMAGES=20]
//
// An image agrees when both find as many cells, and each of one has one of the other of the same class within 0.01 pixels and 1e-4
// in score. Of every second image a corner of 512 pixels is seen, of the others
// one of 64, which holds few cells or none.

import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { crop } from "../dist/data/crop.js";
import { readDataset } from "../dist/data/dataset-folder.js";
import { readDatasetImage } from "../dist/data/dataset-image.js";
import { asTrained } from "../dist/detect/view.js";
import { loadDetector } from "../dist/detector/weights.js";
import { exportModel } from "../dist/export/export-model.js";
import { disagreement, runOnnx, runtime } from "../dist/export/onnx/onnx.fixture.js";

const [run, dir, most = "20"] = process.argv.slice(2);
const folder = mkdtempSync(join(tmpdir(), "onnx-"));
const out = join(folder, "model.onnx");
const file = join(run, "model.safetensors");
exportModel(file, { format: "onnx", out });
const detector = loadDetector(file, { seed: 0 });
const session = await runtime.InferenceSession.create(out, { intraOpNumThreads: 1 });
const dataset = readDataset(dir);
const images = [];
for (const [i, image] of dataset.images.slice(0, Number(most)).entries()) {
  const whole = asTrained(detector.config.input, await readDatasetImage(dir, image), image);
  const side = i % 2 === 0 ? 512 : 64;
  const [width, height] = [Math.min(side, whole.width), Math.min(side, whole.height)];
  images.push([image.fileName, crop(whole, { x: 0, y: 0, width, height })]);
}
let agree = 0;
for (const [name, image] of images) {
  const [expected] = detector.detect([image]);
  const { pixels, score, lost } = disagreement(expected, await runOnnx(session, image));
  const agrees = lost === 0 && pixels <= 0.01 && score <= 1e-4;
  if (agrees) agree++;
  console.log(
    `${name}: ${image.width}×${image.height}, ${expected.scores.length} boxes, ${expected.scores.filter((score) => score >= 0.5).length} of 0.5 or more, ${lost} without a counterpart, ${pixels.toExponential(1)} pixels, ${score.toExponential(1)} in score`,
  );
}
console.log(`${agree} of ${images.length} images agree`);
detector.release();
rmSync(folder, { recursive: true });
if (agree < images.length) process.exitCode = 1;
