// Do the methods hold when annotations are not missing at random? MBM at 10 % in the regime of mbm-long.ts, with annotations that
// people would rather mark: --bias corner, uneven-images, clusters or dark (the default here). MBM has boxes of one size and one
// class, so that size and uneven-classes are refused. One fold is 4 runs a kind. At random, with the same fold and seed: mbm-long.ts.
//
//   npx sparsecell experiment mbm-bias --data data/mbm --weights resnet18.safetensors --preset quick --bias clusters --folds 0 --jobs 2 --out grids/mbm-clusters
//
// expected: preset quick about 5 min of one core a run, 4 in 10 min with --jobs 2 on 2 cores; AP of completeness on fold 0: 87.7 of
// uneven images, 88.1 of clusters, 87.0 of dark cells, 84.1 of a corner.

import type { Protocol } from "sparsecell";
import { protocol as mbmLong } from "./mbm-long.ts";

export const protocol: Protocol = {
  ...mbmLong,
  name: "mbm-bias",
  title: "Bone marrow, trained long, annotations not missing at random",
  keeps: [0.1],
  bias: "dark",
  methods: ["fpn", "bde", "constant-weight", "completeness"],
  seeds: [0],
};
