// Trains a detector in a plain loop: no trainer, no run folder. The three verbs are losses, backward and step; everything else
// is where images come from and where the model goes.
//
//   node examples/train-without-trainer.mjs [FOLDER]      about 10 s
//
// FOLDER (default: a new temporary one) gets images/, annotations.json and model.safetensors, which
// examples/detect-on-a-folder.mjs and `npx sparsecell predict` take.

import { mkdtempSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { backward, clipGradientNorm, Sgd, scope, setThreads } from "@sparsecell/torch";
import { bde, Detector, defaultConfig, readImage, saveDetector, stepRandom, synthesizeDataset } from "sparsecell";

export const folder = process.argv[2] ?? mkdtempSync(join(tmpdir(), "sparsecell-"));

// Eight drawn patches in which every cell is annotated. A dataset of your own: readDataset("data/mine").
const tissue = await synthesizeDataset({ kind: "ki67", images: 8, width: 96, height: 96, boxSize: 24, seed: 1, dir: folder });
const images = await Promise.all(tissue.images.map(({ fileName }) => readImage(join(folder, "images", fileName))));
const known = tissue.images.map(({ id }) => {
  const boxes = tissue.annotations.filter(({ imageId }) => imageId === id).map(({ box }) => box);
  return { boxes: Float32Array.from(boxes.flat()), labels: new Int32Array(boxes.length).fill(1) }; // class 0 is background
});

setThreads(1); // on images this small a second thread only waits
const detector = new Detector(
  {
    ...defaultConfig,
    backbone: "resnet18",
    normalization: "group-norm", // from random weights
    input: { kind: "stretch", size: 96 },
    anchors: { sizes: [[24], [32], [64], [128], [256]], aspectRatios: [1] },
    roi: { ...defaultConfig.roi, batchSizePerImage: 128, representationSize: 128 },
  },
  { seed: 1 },
);
const optimizer = new Sgd(detector.parameters(), { lr: 0.02, momentum: 0.9, weightDecay: 1e-4 });
const calibration = bde();
const steps = 60;

/** One step on two images; returns the loss. */
function trainStep(step) {
  const batch = [2 * step, 2 * step + 1].map((i) => i % images.length);
  return scope(() => {
    const losses = detector.losses(
      batch.map((i) => images[i]),
      batch.map((i) => known[i]),
      { calibration, progress: step / steps, random: stepRandom(1, step) },
    );
    const loss = Object.values(losses).reduce((sum, part) => sum.add(part));
    backward(loss);
    clipGradientNorm(detector.parameters().values(), 10);
    optimizer.step();
    optimizer.zeroGrad();
    return loss.item(); // a number: the scope releases every tensor of the step
  });
}

const curve = Array.from({ length: steps }, (_, step) => trainStep(step));
const mean = (numbers) => numbers.reduce((sum, x) => sum + x, 0) / numbers.length;
console.log(`mean loss of the first 8 steps: ${mean(curve.slice(0, 8)).toFixed(2)}`);
console.log(`mean loss of the last 8 steps: ${mean(curve.slice(-8)).toFixed(2)}`);

saveDetector(join(folder, "model.safetensors"), detector);
console.log(`model: ${join(folder, "model.safetensors")}`);
