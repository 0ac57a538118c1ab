// Do the methods hold when annotations are not missing at random? MBM's lowest rate again, with annotations that people would
// rather mark: --bias corner, uneven-images, clusters or dark (the default here). MBM has boxes of one size and one class, so that
// size and uneven-classes are refused. Compare with mbm.ts at the same rate, folds and seeds. 3 folds, four methods: 12 runs a kind.
//
//   npx sparsecell experiment mbm-bias --data data/mbm --weights resnet18.safetensors --preset quick --bias clusters --out grids/mbm-clusters
//
// expected: preset quick 250 steps a run, 12 in about 15 min with --jobs 2 on 2 cores.

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
