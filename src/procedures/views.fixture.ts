// Two views of small images, and a small detector, for tests of procedures that see twice.

import type { RgbImage } from "../data/image-file.ts";
import { type Symmetry, turned, turnedPoint } from "../data/loader/symmetry.ts";
import { Detector } from "../detector/detector.ts";
import { goldenImage } from "../detector/golden.fixture.ts";
import type { KnownCells } from "../detector/known-cells.ts";
import { movedBoxes } from "../geometry/rows.ts";
import { stepRandom } from "../random.ts";
import { defaultConfig } from "../settings/detector.ts";
import type { TrainingStep, View } from "./procedure.ts";

/** Of two classes of cells. */
export const smallDetector = (): Detector =>
  new Detector(
    {
      ...defaultConfig,
      classes: ["round", "long"],
      backbone: "resnet18",
      normalization: "group-norm",
      input: { kind: "stretch", size: 64 },
      anchors: { sizes: [[8], [16], [32], [64], [128]], aspectRatios: [1] },
      rpn: { ...defaultConfig.rpn, preNmsTopN: { train: 100, test: 60 }, postNmsTopN: { train: 60, test: 40 } },
      roi: { ...defaultConfig.roi, representationSize: 16, batchSizePerImage: 32 },
    },
    { seed: 1 },
  );

const images: readonly (readonly [RgbImage, KnownCells])[] = [
  [goldenImage("views/1", 48, 60), { boxes: Float32Array.of(5, 6, 17, 18, 30, 20, 44, 33), labels: Int32Array.of(1, 2) }],
  [goldenImage("views/2", 60, 48), { boxes: Float32Array.of(20, 10, 32, 25), labels: Int32Array.of(1) }],
];

/** Those images, each turned as it says. */
function viewOf(symmetries: readonly Symmetry[]): View {
  return {
    images: images.map(([image], n) => turned(image, symmetries[n])),
    known: images.map(([image, known], n) => ({
      ...known,
      boxes: movedBoxes(known.boxes, (x, y) => turnedPoint([x, y], image, symmetries[n])),
    })),
    symmetries,
  };
}

const upright: Symmetry = { mirrorX: false, mirrorY: false, transpose: false };

export const first = viewOf([upright, { ...upright, mirrorX: true }]);
export const second = viewOf([
  { mirrorX: true, mirrorY: false, transpose: true },
  { ...upright, mirrorY: true },
]);

export const stepOn = (
  detector: Detector,
  progress = 0.5,
  views: { first: View; second: View } = { first, second },
): TrainingStep => ({
  detector,
  batch: { ...views.first, names: ["1", "2"], second: views.second },
  step: 1,
  progress,
  random: stepRandom(1, 1),
});
