// Does bfloat16 cost accuracy? MBM's runs of the lowest and the full rate again in float32, with the same seeds; compare
// AP with those of mbm.ts. One fold (--folds 0) is 4 runs.
//
//   npx sparsecell experiment mbm-float32 --data data/mbm --weights resnet18.safetensors --preset quick --folds 0 --out grids/mbm-float32
//
// expected: preset quick 4 runs in 8 min on 2 cores.

import type { Protocol } from "sparsecell";
import { protocol as mbm } from "./mbm.ts";

export const protocol: Protocol = {
  ...mbm,
  name: "mbm-float32",
  title: "Bone marrow in float32",
  keeps: [0.1, 1],
  methods: ["fpn", "bde"],
  presets: { ...mbm.presets, quick: { ...mbm.presets.quick, dtype: "float32" } },
};
