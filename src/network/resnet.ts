// ResNet (He et al., CVPR 2016, https://arxiv.org/abs/1512.03385) as torchvision builds it: stride in the 3×3 convolution
// of a bottleneck. Returns the four stages C2 … C5. Shapes: N images; C2 is 1/4 of the input's size, C5 1/32.

import {
  Conv2d,
  type Generator,
  init,
  Module,
  maxPool2d,
  type Normalization,
  type NormalizationFactory,
  relu_,
  scope,
  type Tensor,
} from "@sparsecell/torch";
import type { Backbone } from "../settings/detector.ts";

interface Layout {
  readonly bottleneck: boolean;
  readonly blocks: readonly [number, number, number, number];
}

const layouts: Record<Backbone, Layout> = {
  resnet18: { bottleneck: false, blocks: [2, 2, 2, 2] },
  resnet34: { bottleneck: false, blocks: [3, 4, 6, 3] },
  resnet50: { bottleneck: true, blocks: [3, 4, 6, 3] },
  resnet101: { bottleneck: true, blocks: [3, 4, 23, 3] },
};

interface BlockOptions {
  readonly inChannels: number;
  readonly channels: number;
  readonly stride: number;
  readonly norm: NormalizationFactory;
  readonly generator: Generator;
}

const convolution = (inChannels: number, outChannels: number, kernel: number, stride: number, generator: Generator): Conv2d =>
  new Conv2d({ inChannels, outChannels, kernel, stride, padding: kernel >> 1, bias: false, init: init.kaimingNormal, generator });

/** What a block adds its result to: the input itself, or a 1×1 convolution of it where the shape changes. */
const shortcut = (options: BlockOptions, outChannels: number): [Conv2d, Normalization] | null =>
  options.stride === 1 && options.inChannels === outChannels
    ? null
    : [convolution(options.inChannels, outChannels, 1, options.stride, options.generator), options.norm(outChannels)];

class BasicBlock extends Module {
  readonly conv1: Conv2d;
  readonly bn1: Normalization;
  readonly conv2: Conv2d;
  readonly bn2: Normalization;
  readonly downsample: [Conv2d, Normalization] | null;

  constructor(options: BlockOptions) {
    super();
    const { inChannels, channels, stride, norm, generator } = options;
    this.conv1 = convolution(inChannels, channels, 3, stride, generator);
    this.bn1 = norm(channels);
    this.conv2 = convolution(channels, channels, 3, 1, generator);
    this.bn2 = norm(channels);
    this.downsample = shortcut(options, channels);
  }

  forward(x: Tensor): Tensor {
    const y = relu_(this.bn1.after(this.conv1, x));
    return relu_(this.bn2.after(this.conv2, y).add_(identity(this.downsample, x)));
  }
}

class Bottleneck extends Module {
  readonly conv1: Conv2d;
  readonly bn1: Normalization;
  readonly conv2: Conv2d;
  readonly bn2: Normalization;
  readonly conv3: Conv2d;
  readonly bn3: Normalization;
  readonly downsample: [Conv2d, Normalization] | null;

  constructor(options: BlockOptions) {
    super();
    const { inChannels, channels, stride, norm, generator } = options;
    this.conv1 = convolution(inChannels, channels, 1, 1, generator);
    this.bn1 = norm(channels);
    this.conv2 = convolution(channels, channels, 3, stride, generator);
    this.bn2 = norm(channels);
    this.conv3 = convolution(channels, 4 * channels, 1, 1, generator);
    this.bn3 = norm(4 * channels);
    this.downsample = shortcut(options, 4 * channels);
  }

  forward(x: Tensor): Tensor {
    const y = relu_(this.bn1.after(this.conv1, x));
    const z = relu_(this.bn2.after(this.conv2, y));
    return relu_(this.bn3.after(this.conv3, z).add_(identity(this.downsample, x)));
  }
}

const identity = (downsample: [Conv2d, Normalization] | null, x: Tensor): Tensor =>
  downsample ? downsample[1].after(downsample[0], x) : x;

export class ResNet extends Module {
  readonly conv1: Conv2d;
  readonly bn1: Normalization;
  readonly layer1: (BasicBlock | Bottleneck)[];
  readonly layer2: (BasicBlock | Bottleneck)[];
  readonly layer3: (BasicBlock | Bottleneck)[];
  readonly layer4: (BasicBlock | Bottleneck)[];

  constructor(backbone: Backbone, norm: NormalizationFactory, generator: Generator) {
    super();
    const { bottleneck, blocks } = layouts[backbone];
    this.conv1 = convolution(3, 64, 7, 2, generator);
    this.bn1 = norm(64);
    let inChannels = 64;
    const stage = (index: number): (BasicBlock | Bottleneck)[] =>
      Array.from({ length: blocks[index] }, (_, i) => {
        const channels = 64 << index;
        const options = { inChannels, channels, stride: index > 0 && i === 0 ? 2 : 1, norm, generator };
        inChannels = bottleneck ? 4 * channels : channels;
        return bottleneck ? new Bottleneck(options) : new BasicBlock(options);
      });
    this.layer1 = stage(0);
    this.layer2 = stage(1);
    this.layer3 = stage(2);
    this.layer4 = stage(3);
  }

  /** Channels of C2 … C5. */
  static channels(backbone: Backbone): number[] {
    return [64, 128, 256, 512].map((channels) => (layouts[backbone].bottleneck ? 4 * channels : channels));
  }

  /** Trains the last `layers` of [stem, layer1, layer2, layer3, layer4] and freezes the others, as torchvision does. */
  train(layers: number): void {
    const stages = [[this.conv1, this.bn1], this.layer1, this.layer2, this.layer3, this.layer4];
    stages.forEach((stage, i) => {
      for (const module of stage) if (i < stages.length - layers) freeze(module);
    });
  }

  /** x [N, 3, H, W] → [C2, C3, C4, C5]. The scopes let go of what is inside a stage, where no graph holds it. */
  forward(x: Tensor): Tensor[] {
    let y = scope(() => maxPool2d(relu_(this.bn1.after(this.conv1, x)), { kernel: 3, stride: 2, padding: 1 }));
    return [this.layer1, this.layer2, this.layer3, this.layer4].map((stage) => {
      y = scope(() => stage.reduce((inside, block) => scope(() => block.forward(inside)), y));
      return y;
    });
  }
}

function freeze(module: Module): void {
  for (const tensor of module.parameters().values()) tensor.requiresGrad = false;
}
