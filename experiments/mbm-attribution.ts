// What each part of `completeness` brings, in the regime of mbm-long.ts at 10 % of the annotations: the true c (which the sparsifying
// knows), c wrong by 2 and by 4 both ways, no caution, without the first stage, without certain background beside marked cells,
// scores as trained; and a constant weight, the same without its dependence on p. One fold is 11 runs.
//
//   npx sparsecell experiment mbm-attribution --data data/mbm --weights resnet18.safetensors --preset quick --folds 0 --jobs 2 --out grids/mbm-attribution
//
// expected: preset quick about 5 min of one core a run, 11 in 30 min with --jobs 2 on 2 cores.

import type { Protocol } from "sparsecell";
import { protocol as mbmLong } from "./mbm-long.ts";

export const protocol: Protocol = {
  ...mbmLong,
  name: "mbm-attribution",
  title: "Bone marrow: what each part of the likelihood brings",
  keeps: [0.1],
  methods: [
    "completeness",
    "completeness:c=0.1",
    "completeness:c=0.025",
    "completeness:c=0.05",
    "completeness:c=0.2",
    "completeness:c=0.4",
    "completeness:caution=1",
    "completeness:rpn=false",
    "completeness:beside=0.5",
    "completeness:scale=false",
    "constant-weight:weight=0.2",
  ],
  seeds: [0],
};
