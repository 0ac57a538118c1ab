// The layers of a detector: its convolutions and fully connected layers, in the order in which the forward pass first uses
// them, under torchvision's parameter names. With ResNet-50 and a first-stage head for each pyramid level these are the 80 of
// Li et al. 2021, section 5.3: 53 of the backbone (shortcut convolutions count), 8 of the pyramid, 5 · 3 of the first stage,
// 4 of the second; with one head for all levels, 68.

import type { Tensor } from "@sparsecell/torch";
import type { Detector } from "../detector/detector.ts";

/** In forward order. */
const prefixes = [
  ["stem", "backbone.body.conv1."],
  ["C2", "backbone.body.layer1."],
  ["C3", "backbone.body.layer2."],
  ["C4", "backbone.body.layer3."],
  ["C5", "backbone.body.layer4."],
  ["FPN", "backbone.fpn."],
  ["RPN", "rpn."],
  ["head", "roi_heads."],
] as const;

export type LayerBlock = (typeof prefixes)[number][0];

export interface Layer {
  /** From 1 on. */
  readonly layer: number;
  /** "backbone.body.layer1.0.conv1.weight" */
  readonly name: string;
  readonly block: LayerBlock;
  /** [K, d, h, w], or [K, d] where each output unit is a kernel; not a copy. */
  readonly weight: Tensor;
}

export function layersOf(detector: Detector): Layer[] {
  const kernels = [...detector.state()].filter(([, { shape }]) => shape.length > 1); // no bias, no normalisation
  return prefixes
    .flatMap(([block, prefix]) => {
      const ofBlock = kernels.filter(([name]) => name.startsWith(prefix));
      return (block === "FPN" ? topDown(ofBlock) : ofBlock).map(([name, weight]) => ({ name, block, weight }));
    })
    .map((layer, i) => ({ layer: i + 1, ...layer }));
}

/** The pyramid begins with its coarsest level, lateral before output convolution; its fields are listed in the reverse order. */
function topDown(kernels: readonly [string, Tensor][]): [string, Tensor][] {
  const level = (name: string): number => Number(/_blocks\.(\d)/.exec(name)?.[1]);
  return kernels.toSorted(([a], [b]) => level(b) - level(a));
}
