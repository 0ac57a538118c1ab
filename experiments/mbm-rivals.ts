// The other methods for sparse annotations, in the regime of mbm-long.ts at 10 %: smoothed and corrected labels, and those that look
// at an image twice. One fold is 7 runs.
//
//   npx sparsecell experiment mbm-rivals --data data/mbm --weights resnet18.safetensors --preset quick --folds 0 --jobs 2 --out grids/mbm-rivals
//
// expected: preset quick 5 min of one core a run, 8 to 15 of those that look twice; 7 in 35 min with --jobs 2 on 2 cores; AP on
// fold 0: co-mining 88.2, completeness 88.0, the others 79.8 to 86.3.

import type { Protocol } from "sparsecell";
import { protocol as mbmLong } from "./mbm-long.ts";

export const protocol: Protocol = {
  ...mbmLong,
  name: "mbm-rivals",
  title: "Bone marrow, trained long on few annotations: methods that look twice",
  keeps: [0.1],
  methods: ["completeness", "label-smoothing", "proselflc", "self-training", "mean-teacher", "co-mining", "sparsedet"],
  seeds: [0],
};
