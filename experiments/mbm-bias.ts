// Do the methods hold when annotations are not missing at random? MBM's lowest rate again, with annotations that people would
// rather mark: --bias corner, uneven-images, clusters or dark (the default here). MBM has boxes of one size and one class, so that
// size and uneven-classes are refused. 3 folds, four methods: 12 runs a kind. At random, with the same folds and seeds: mbm.ts.
//
//   npx sparsecell experiment mbm-bias --data data/mbm --weights resnet18.safetensors --preset quick --bias clusters --out grids/mbm-clusters
//   npx sparsecell experiment mbm --data data/mbm --weights resnet18.safetensors --preset quick --keeps 0.1 \
//     --methods "fpn bde constant-weight completeness" --out grids/mbm-random
//
// expected: preset quick 250 steps a run, 12 in about 15 min with --jobs 2 on 2 cores; AP by kind not measured yet.

import type { Protocol } from "sparsecell";
import { protocol as mbm } from "./mbm.ts";

export const protocol: Protocol = {
  ...mbm,
  name: "mbm-bias",
  title: "Bone marrow, annotations not missing at random",
  keeps: [0.1],
  bias: "dark",
  methods: ["fpn", "bde", "constant-weight", "completeness"],
};
