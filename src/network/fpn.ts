// Feature Pyramid Network (Lin et al., CVPR 2017, https://arxiv.org/abs/1612.03144): P2 … P5 of 256 channels each from
// C2 … C5, and P6, every second pixel of P5. Field names are torchvision's.

import { Conv2d, type Generator, init, Module, maxPool2d, type Tensor, upsampleNearest } from "@sparsecell/torch";

export const pyramidChannels = 256;
export const pyramidLevels = 5;

export class FeaturePyramid extends Module {
  /** 1×1, lateral; C2 first. Each in an array: the state dict has `inner_blocks.0.0.weight`. */
  readonly inner_blocks: [Conv2d][];
  /** 3×3, output. */
  readonly layer_blocks: [Conv2d][];

  constructor(inChannels: readonly number[], generator: Generator) {
    super();
    const block = (channels: number, kernel: number): [Conv2d] => [
      new Conv2d({
        inChannels: channels,
        outChannels: pyramidChannels,
        kernel,
        padding: kernel >> 1,
        init: init.kaimingUniform,
        generator,
      }),
    ];
    this.inner_blocks = inChannels.map((channels) => block(channels, 1));
    this.layer_blocks = inChannels.map(() => block(pyramidChannels, 3));
  }

  /** [C2 … C5] → [P2 … P6] */
  forward(stages: readonly Tensor[]): Tensor[] {
    const outputs: Tensor[] = [];
    let above: Tensor | null = null;
    for (let i = stages.length - 1; i >= 0; i--) {
      const lateral = this.inner_blocks[i][0].forward(stages[i]);
      above = above ? lateral.add_(upsampleNearest(above, [lateral.shape[2], lateral.shape[3]])) : lateral;
      outputs.unshift(this.layer_blocks[i][0].forward(above));
    }
    return [...outputs, maxPool2d(outputs[outputs.length - 1], { kernel: 1, stride: 2 })];
  }
}
