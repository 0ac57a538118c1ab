// The paper's protocol for a card: FPN, BDE and completeness at 10 % and 100 % of the annotations, on drawn tissue, or on the
// dataset of `gpu-check --data`. The preset "quick" is the rehearsal's: a second a training.

import { paperSettings, quickSettings } from "sparsecell";

const drawn = { kind: "synthetic", tissue: "ki67", images: 64, width: 800, height: 800, seed: 1 };
const given = { kind: "folder", prepare: "npx sparsecell data import --out DIR" };
const small = { ...drawn, images: 8, width: 64, height: 64, boxSize: 16 };
const rehearsing = process.argv.includes("quick");

export const protocol = {
  name: "gpu-check",
  title: "The paper's training on a card",
  paper: "After Tables 3 and 4 of the paper",
  data: process.env.GPU_CHECK_DATA ? given : rehearsing ? small : drawn,
  folds: 4,
  splitSeed: 0,
  keeps: [0.1, 1],
  methods: ["fpn", "bde", "completeness"],
  seeds: [0],
  paperDataset: null,
  presets: {
    paper: paperSettings,
    quick: {
      ...quickSettings,
      steps: 6,
      warmup: 0,
      dtype: "float32",
      anchors: { sizes: [[16], [32], [64], [128], [256]], aspectRatios: [1] },
      detector: {
        ...quickSettings.detector,
        input: { kind: "stretch", size: 64 },
        roi: { ...quickSettings.detector.roi, batchSizePerImage: 32, representationSize: 8 },
      },
    },
  },
};
