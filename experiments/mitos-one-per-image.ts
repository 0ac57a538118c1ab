// Table 2: MITOS-ATYPIA-14, one mitosis annotated in each training image, 4 folds by slide, five methods: 20 runs.
//
//   npx sparsecell data import --format mitos-atypia-14 --images DIR --annotations DIR --out data/mitos
//   npx sparsecell experiment mitos-one-per-image --data data/mitos --weights resnet50.pth --preset paper --out grids/mitos-one
//
// expected: preset paper 10,000 steps a run, 20 × 7 h on 2 cores (a GPU is advised); preset quick 20 × 8 min.

import { type Protocol, paperSettings, quickSettings } from "sparsecell";

export const protocol: Protocol = {
  name: "mitos-one-per-image",
  title: "Mitoses, one annotated in each image",
  paper: "Table 2 of the paper",
  data: {
    kind: "folder",
    prepare: "npx sparsecell data import --format mitos-atypia-14 --images DIR --annotations DIR --out data/mitos",
  },
  folds: 4,
  splitSeed: 0,
  keeps: ["one-per-image"],
  methods: ["fpn", "label-smoothing", "proselflc", "bde", "completeness"],
  seeds: [0],
  paperDataset: "mitos-atypia-14",
  presets: { paper: paperSettings, quick: quickSettings },
};
