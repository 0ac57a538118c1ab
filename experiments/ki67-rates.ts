// Tables 3 and 4, Figures 5, 6 and A1: Ki-67, ten rates of annotations kept, 3 folds, five methods: 150 runs.
//
//   npx sparsecell data import --format points-csv --images DIR --annotations FILE --out data/ki67
//   npx sparsecell experiment ki67-rates --data data/ki67 --weights resnet50.pth --preset paper --out grids/ki67
//
// expected: preset paper 10,000 steps a run, 150 × 7 h on 2 cores (a GPU is advised); preset quick 150 × 8 min.

import { type Protocol, paperSettings, quickSettings } from "sparsecell";

export const protocol: Protocol = {
  name: "ki67-rates",
  title: "Ki-67, by the part of the annotations that is kept",
  paper: "Tables 3 and 4, Figures 5, 6 and A1 of the paper",
  data: {
    kind: "folder",
    prepare: "npx sparsecell data import --format points-csv --images DIR --annotations FILE --out data/ki67",
  },
  folds: 3,
  splitSeed: 0,
  keeps: [0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 1],
  methods: ["fpn", "label-smoothing", "proselflc", "bde", "completeness"],
  seeds: [0],
  paperDataset: "ki67",
  presets: { paper: paperSettings, quick: quickSettings },
};
