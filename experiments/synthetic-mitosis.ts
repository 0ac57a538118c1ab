// Tables 1 and 2 on synthetic mitoses, rare among many cells like them: all annotated, and one in each image; 4 folds by
// slide, five methods and a control: 48 runs; one fold (--folds 0) is 12.
//
//   npx sparsecell experiment synthetic-mitosis --weights resnet18.safetensors --folds 0 --jobs 2 --out grids/synthetic-mitosis
//
// expected: preset quick 12 × 1 min on 2 cores; preset paper (ResNet-50, 800×800, 10,000 steps) 48 × 7 h.

import { type Protocol, paperSettings } from "sparsecell";
import { protocol as ki67 } from "./synthetic.ts";

export const protocol: Protocol = {
  ...ki67,
  name: "synthetic-mitosis",
  title: "Synthetic mitoses, all annotated and one in each image",
  paper: "After Tables 1 and 2 of the paper, on synthetic tissue",
  data: { kind: "synthetic", tissue: "mitosis", images: 64, width: 192, height: 192, seed: 1 },
  keeps: ["one-per-image", 1],
  presets: { paper: paperSettings, quick: ki67.presets.quick },
};
