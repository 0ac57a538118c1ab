// Tables 3 and 4, Figures 5, 6 and A1 on synthetic Ki-67, where every cell is known for certain and nobody needs a dataset:
// ten rates, 4 folds by slide, five methods and a control: 240 runs; one fold (--folds 0) is 60.
//
//   npx sparsecell experiment synthetic --weights resnet18.safetensors --folds 0 --jobs 2 --out grids/synthetic
//
// expected: preset quick 1 to 2 min a run, 60 in 50 min to 1 h 15 with --jobs 2 on 2 cores (the schedule is short: start from ImageNet
// weights), AP from 86 to 88 % at 10 % to 99 % at 100 %; preset paper (ResNet-50, 800×800, 10,000 steps) 240 × 7 h.

import { type Protocol, paperSettings, quickSettings } from "sparsecell";

export const protocol: Protocol = {
  name: "synthetic",
  title: "Synthetic Ki-67, by the part of the annotations that is kept",
  paper: "After Tables 3 and 4, Figures 5, 6 and A1 of the paper, on synthetic tissue",
  data: { kind: "synthetic", tissue: "ki67", images: 64, width: 192, height: 192, seed: 1 },
  folds: 4,
  splitSeed: 0,
  keeps: [0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 1],
  methods: ["fpn", "label-smoothing", "proselflc", "bde", "constant-weight", "completeness"],
  seeds: [0],
  paperDataset: null,
  presets: {
    paper: paperSettings,
    quick: {
      ...quickSettings,
      steps: 200,
      lr: 0.01,
      warmup: 20,
      trainableLayers: 3,
      detector: {
        ...quickSettings.detector,
        input: { kind: "stretch", size: 192 },
        rpn: { ...quickSettings.detector.rpn, preNmsTopN: { train: 1000, test: 1000 }, postNmsTopN: { train: 1000, test: 1000 } },
        roi: { ...quickSettings.detector.roi, batchSizePerImage: 256, representationSize: 256 },
      },
    },
  },
};
