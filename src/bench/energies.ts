// What BDE adds to a step, the calibration of an image's sampled RoIs, and the energies of 100,000 boxes.

import { bde } from "../methods/bde.ts";
import { boxCenters, boxesEnergy } from "../methods/boxes-density.ts";
import { Random } from "../random.ts";
import type { BenchOptions } from "./bench-options.ts";
import { randomBoxes } from "./scene.ts";

export function calibrationOfRois({ rois, size }: BenchOptions): () => void {
  const random = new Random(0);
  const boxes = randomBoxes(rois, size, random);
  const image = {
    labels: Int32Array.from({ length: rois }, (_, r) => (r < rois / 4 ? 1 : 0)),
    probabilities: new Float32Array(2 * rois).fill(0.5),
    boxes,
    proposals: boxes,
    overlaps: new Float32Array(rois),
    distances: new Float32Array(rois).fill(2),
    objectness: new Float32Array(rois).fill(1),
    certain: new Uint8Array(rois),
    standsFor: new Float32Array(rois).fill(1),
  };
  const calibration = bde();
  return () => {
    calibration.calibrate(image, { progress: 0, random, state: {} });
  };
}

export function energies(): () => void {
  const centers = boxCenters(randomBoxes(100_000, 100_000, new Random(0)));
  return () => {
    boxesEnergy(centers);
  };
}
