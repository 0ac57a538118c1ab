// Table 1: MITOS-ATYPIA-14, every mitosis annotated, 4 folds by slide, five methods: 20 runs.
//
//   npx sparsecell data import --format mitos-atypia-14 --images DIR --annotations DIR --out data/mitos
//   npx sparsecell experiment mitos-full --data data/mitos --weights resnet50.pth --preset paper --out grids/mitos-full
//
// expected: preset paper 10,000 steps a run, 20 × 7 h on 2 cores (a GPU is advised); preset quick 20 × 8 min.

import { type Protocol, paperSettings, quickSettings } from "sparsecell";

export const protocol: Protocol = {
  name: "mitos-full",
  title: "Mitoses, fully annotated",
  paper: "Table 1 of the paper",
  data: {
    kind: "folder",
    prepare: "npx sparsecell data import --format mitos-atypia-14 --images DIR --annotations DIR --out data/mitos",
  },
  folds: 4,
  splitSeed: 0,
  keeps: [1],
  methods: ["fpn", "label-smoothing", "proselflc", "bde", "completeness"],
  seeds: [0],
  paperDataset: "mitos-atypia-14",
  presets: { paper: paperSettings, quick: quickSettings },
};
