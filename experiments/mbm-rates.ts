// The rates between, in the regime of mbm-long.ts: does the likelihood hold at 5 %, and cost nothing at 50 %? One fold is 9 runs.
//
//   npx sparsecell experiment mbm-rates --data data/mbm --weights resnet18.safetensors --preset quick --folds 0 --jobs 2 --out grids/mbm-rates
//
// expected: preset quick about 5 min of one core a run, 9 in 25 min with --jobs 2 on 2 cores.

import type { Protocol } from "sparsecell";
import { protocol as mbmLong } from "./mbm-long.ts";

export const protocol: Protocol = {
  ...mbmLong,
  name: "mbm-rates",
  title: "Bone marrow, trained long, by the part of the annotations that is kept",
  keeps: [0.05, 0.2, 0.5],
  methods: ["fpn", "bde", "completeness"],
  seeds: [0],
};
