// A public stand-in for the paper's Ki-67 set, with the controls that the paper lacks: MBM, 44 H&E patches of bone marrow from
// 8 cases (Cohen et al., ICCV Workshops 2017, after Kainz et al. 2015; github.com/ieee8023/countception). Three rates, 3 folds
// by case, six methods: 54 runs a seed.
//
//   npx sparsecell data import --format points-csv --images MBM/images --annotations MBM/points.csv \
//     --group-pattern 'GRAZ_HE_(\d+)' --out data/mbm
//   npx sparsecell experiment mbm --data data/mbm --weights resnet18.safetensors --preset quick --out grids/mbm
//
// expected: preset quick 250 steps a run, 54 in 1 h to 1 h 30 with --jobs 2 on 2 cores, AP 86.5 to 88.1 % (docs/results.md);
// preset paper (ResNet-50, 10,000 steps) 54 × 7 h.

import { type Protocol, paperSettings, quickSettings } from "sparsecell";

export const protocol: Protocol = {
  name: "mbm",
  title: "Bone marrow, by the part of the annotations that is kept",
  paper: "After Tables 3 and 4 of the paper, on a public dataset, with controls",
  data: {
    kind: "folder",
    prepare:
      "npx sparsecell data import --format points-csv --images MBM/images --annotations MBM/points.csv --group-pattern 'GRAZ_HE_(\\d+)' --out data/mbm",
  },
  folds: 3,
  splitSeed: 0,
  keeps: [0.1, 0.5, 1],
  methods: ["fpn", "label-smoothing", "proselflc", "bde", "constant-weight", "shuffled-energy"],
  seeds: [0],
  paperDataset: null,
  presets: {
    paper: paperSettings,
    quick: {
      ...quickSettings,
      steps: 250,
      lr: 0.01,
      trainableLayers: 3,
      detector: {
        ...quickSettings.detector,
        input: { kind: "stretch", size: 224 },
        rpn: { ...quickSettings.detector.rpn, preNmsTopN: { train: 1000, test: 1000 }, postNmsTopN: { train: 1000, test: 1000 } },
        roi: { ...quickSettings.detector.roi, batchSizePerImage: 256, representationSize: 512 },
      },
    },
  },
};
