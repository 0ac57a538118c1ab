// MBM again in the regime of the paper: the same few annotations seen so often that the plain detector learns them by heart, and
// the hidden cells as background. 1,000 steps of one image, 34 epochs: the paper trains 34 on MITOS-ATYPIA-14 and 73 or more on
// Ki-67. Four folds by case, two seeds, the lowest and the full rate: eight pairs, so that a test can tell two methods apart.
//
//   npx sparsecell experiment mbm-long --data data/mbm --weights resnet18.safetensors --preset quick --jobs 2 --out grids/mbm-long
//
// expected: preset quick about 5 min of one core a run, 64 runs in 3 h with --jobs 2 on 2 cores; preset paper as mbm.ts's.

import type { Protocol } from "sparsecell";
import { protocol as mbm } from "./mbm.ts";

export const protocol: Protocol = {
  ...mbm,
  name: "mbm-long",
  title: "Bone marrow, trained long on few annotations",
  folds: 4,
  keeps: [0.1, 1],
  methods: ["fpn", "bde", "constant-weight", "completeness"],
  seeds: [0, 1],
  presets: { ...mbm.presets, quick: { ...mbm.presets.quick, steps: 1000 } },
};
