// ResNet and feature pyramid: as src/network/resnet.ts and src/network/fpn.ts.

import { absent, type Graph, type Value } from "./graph.ts";
import { conv, type NormOptions, norm, relu } from "./layers.ts";

/** pixels [1, 3, H, W] → P2 … P6, [1, 256, …] each */
export const backbone = (g: Graph, pixels: Value, options: NormOptions): Value[] =>
  pyramid(g, "backbone.fpn", resnet(g, "backbone.body", pixels, options));

/** → C2 … C5 */
function resnet(g: Graph, name: string, pixels: Value, options: NormOptions): Value[] {
  const stem = relu(g, norm(g, `${name}.bn1`, conv(g, `${name}.conv1`, pixels, 2), options));
  let x = g.node("MaxPool", [stem], { kernel_shape: [3, 3], strides: [2, 2], pads: [1, 1, 1, 1] });
  return [1, 2, 3, 4].map((stage) => {
    for (let i = 0; g.hasWeight(`${name}.layer${stage}.${i}.conv1.weight`); i++)
      x = block(g, `${name}.layer${stage}.${i}`, x, { ...options, stride: stage > 1 && i === 0 ? 2 : 1 });
    return x;
  });
}

/** Two 3×3 convolutions, or a bottleneck, whose stride is in its 3×3 convolution; added to the input, or to a 1×1 convolution of it. */
function block(g: Graph, name: string, x: Value, { stride, ...options }: NormOptions & { readonly stride: number }): Value {
  const layer = (n: number, input: Value, step = 1): Value =>
    norm(g, `${name}.bn${n}`, conv(g, `${name}.conv${n}`, input, step), options);
  const inside = g.hasWeight(`${name}.conv3.weight`)
    ? layer(3, relu(g, layer(2, relu(g, layer(1, x)), stride)))
    : layer(2, relu(g, layer(1, x, stride)));
  const shortcut = g.hasWeight(`${name}.downsample.0.weight`)
    ? norm(g, `${name}.downsample.1`, conv(g, `${name}.downsample.0`, x, stride), options)
    : x;
  return relu(g, g.node("Add", [inside, shortcut]));
}

function pyramid(g: Graph, name: string, stages: readonly Value[]): Value[] {
  const outputs: Value[] = [];
  let above: Value | null = null;
  for (let i = stages.length - 1; i >= 0; i--) {
    const lateral = conv(g, `${name}.inner_blocks.${i}.0`, stages[i]);
    above = above ? g.node("Add", [lateral, enlarged(g, above, lateral)]) : lateral;
    outputs.unshift(conv(g, `${name}.layer_blocks.${i}.0`, above));
  }
  return [...outputs, g.node("MaxPool", [outputs[outputs.length - 1]], { kernel_shape: [1, 1], strides: [2, 2] })];
}

/** To the size of `like`, each pixel the nearest one. */
const enlarged = (g: Graph, x: Value, like: Value): Value =>
  g.node("Resize", [x, absent, absent, g.node("Shape", [like])], {
    mode: "nearest",
    coordinate_transformation_mode: "asymmetric",
    nearest_mode: "floor",
  });
