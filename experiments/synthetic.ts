// Tables 3 and 4, Figures 5, 6 and A1 on synthetic Ki-67, where every cell is known for certain and nobody needs a dataset:
// ten rates, 4 folds by slide, four methods: 160 runs; one fold (--folds 0) is 40.
//
//   npx sparsecell experiment synthetic --preset quick --folds 0 --out grids/synthetic
//
// expected: preset quick 40 × 4 min on 2 cores; preset paper (ResNet-50, 800×800, 10,000 steps) 160 × 7 h.

import { type Protocol, paperSettings, quickSettings } from "sparsecell";

export const protocol: Protocol = {
  name: "synthetic",
  title: "Synthetic Ki-67, by the part of the annotations that is kept",
  paper: "After Tables 3 and 4, Figures 5, 6 and A1 of the paper, on synthetic tissue",
  data: { kind: "synthetic", tissue: "ki67", images: 64, width: 256, height: 256, seed: 1 },
  folds: 4,
  splitSeed: 0,
  keeps: [0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 1],
  methods: ["fpn", "label-smoothing", "proselflc", "bde"],
  seeds: [0],
  paperDataset: null,
  presets: {
    paper: paperSettings,
    quick: {
      ...quickSettings,
      steps: 400,
      batch: 2,
      lr: 0.02,
      warmup: 40,
      detector: {
        ...quickSettings.detector,
        input: { kind: "stretch", size: 256 },
        roi: { ...quickSettings.detector.roi, representationSize: 256 }, // a slim second stage, for time
      },
    },
  },
};
