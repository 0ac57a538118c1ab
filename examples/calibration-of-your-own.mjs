// A training method of your own: a calibration gets the RoIs sampled on one image, as plain numbers, and returns what their
// loss shall be. This one lets go of background that the network itself takes for a cell: it may be a cell nobody marked.
//
//   node examples/calibration-of-your-own.mjs      about 2 s
//
// To use it from the command line, make it a file in src/methods/ (CONTRIBUTING.md, "A method").

import { calibrationNamed, Detector, defaultConfig, oneHot, Random, randomStain, synthesizePatch } from "sparsecell";

/** @type {import("sparsecell").Calibration} */
const trusting = {
  name: "trusting",
  label: "FPN + trusting",
  calibrate(rois) {
    const classes = rois.probabilities.length / rois.labels.length;
    const weight = Float32Array.from(rois.labels, (label, r) => {
      const cell = 1 - rois.probabilities[r * classes]; // class 0 is background
      return label === 0 ? 1 - cell : 1;
    });
    return { distribution: oneHot(rois), classWeight: weight, boxWeight: weight };
  },
};

// On three RoIs: background that looks like background, background that looks like a cell, and a cell.
const rois = {
  labels: Int32Array.of(0, 0, 1),
  probabilities: Float32Array.of(0.9, 0.1, 0.2, 0.8, 0.3, 0.7),
  boxes: Float32Array.of(0, 0, 10, 10, 50, 50, 60, 60, 90, 90, 99, 99),
  proposals: Float32Array.of(0, 0, 10, 10, 50, 50, 60, 60, 90, 90, 99, 99),
  overlaps: Float32Array.of(0, 0, 0.8),
  distances: Float32Array.of(14.1, 6.2, 0), // to the annotated cell, in sides of its box
  objectness: Float32Array.of(0.1, 0.9, 1),
  certain: Uint8Array.of(0, 0, 0), // no label is certain
  standsFor: Float32Array.of(100, 100, 1), // each background RoI was drawn from 100, the cell from itself
};
const { classWeight } = trusting.calibrate(rois, { progress: 0, random: new Random(1), state: {} });
console.log(`weights: ${Array.from(classWeight, (weight) => weight.toFixed(2)).join(" ")}`);

// In a detector, beside the plain loss: the same RoIs, a smaller loss of background.
const stain = randomStain("ki67", new Random(1));
const { rgb, boxes } = synthesizePatch({ kind: "ki67", width: 96, height: 96, boxSize: 24, random: new Random(1), stain });
const image = { width: 96, height: 96, data: rgb };
const known = { boxes: Float32Array.from(boxes[0]), labels: Int32Array.of(1) }; // one cell is marked, the others are not
const detector = new Detector(
  { ...defaultConfig, backbone: "resnet18", normalization: "group-norm", input: { kind: "stretch", size: 96 } },
  { seed: 1 },
);
for (const calibration of [calibrationNamed("fpn"), trusting]) {
  const { roiClass } = detector.losses([image], [known], { calibration, progress: 0, random: () => new Random(1) });
  console.log(`${calibration.name}: loss of the classes ${roiClass.item().toFixed(3)}`);
}
