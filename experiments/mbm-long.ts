// MBM again in the regime of the paper: the same few annotations seen so often that the plain detector has learned that the
// hidden cells are background. Four times the steps of mbm.ts, the lowest and the full rate, the baseline, BDE and the control
// that tells whether BDE is more than a smaller background weight; one fold (--folds 0) is 6 runs.
//
//   npx sparsecell experiment mbm-long --data data/mbm --weights resnet18.safetensors --preset quick --folds 0 --out grids/mbm-long
//
// expected: preset quick 1,000 steps a run, 6 in 30 min on 2 cores; preset paper as mbm.ts's.

import type { Protocol } from "sparsecell";
import { protocol as mbm } from "./mbm.ts";

export const protocol: Protocol = {
  ...mbm,
  name: "mbm-long",
  title: "Bone marrow, trained long on few annotations",
  keeps: [0.1, 1],
  methods: ["fpn", "bde", "constant-weight"],
  presets: { ...mbm.presets, quick: { ...mbm.presets.quick, steps: 1000 } },
};
