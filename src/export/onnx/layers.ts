// Layers of a detector as nodes, by their names in its state dict.

import type { NormalizationKind } from "../../settings/detector.ts";
import type { Graph, Value } from "./graph.ts";

/** As GroupNorm has them in the detector. */
const [GROUPS, GROUP_EPS] = [32, 1e-5];

export const relu = (g: Graph, x: Value): Value => g.node("Relu", [x]);

/** A convolution that keeps the size, up to its stride. */
export function conv(g: Graph, name: string, x: Value, stride = 1): Value {
  const kernel = g.shapeOf(`${name}.weight`)[2];
  const padding = kernel >> 1;
  const bias = g.hasWeight(`${name}.bias`) ? [g.weight(`${name}.bias`)] : [];
  return g.node("Conv", [x, g.weight(`${name}.weight`), ...bias], {
    kernel_shape: [kernel, kernel],
    strides: [stride, stride],
    pads: [padding, padding, padding, padding],
  });
}

/** [R, I] → [R, O] */
export const linear = (g: Graph, name: string, x: Value): Value =>
  g.node("Gemm", [x, g.weight(`${name}.weight`), g.weight(`${name}.bias`)], { transB: 1 });

export interface NormOptions {
  readonly normalization: NormalizationKind;
  readonly batchNormEps: number;
}

export function norm(g: Graph, name: string, x: Value, { normalization, batchNormEps }: NormOptions): Value {
  if (normalization === "group-norm") return groupNorm(g, name, x);
  const parts = ["weight", "bias", "running_mean", "running_var"].map((part) => g.weight(`${name}.${part}`));
  return g.node("BatchNormalization", [x, ...parts], { epsilon: { float: batchNormEps } });
}

/** Operator set 16 has none; a group is one channel of an instance normalisation. */
function groupNorm(g: Graph, name: string, x: Value): Value {
  const [channels] = g.shapeOf(`${name}.weight`);
  const grouped = g.node("Reshape", [x, g.ints([1, GROUPS, -1])]);
  const ones = g.floats(new Float32Array(GROUPS).fill(1));
  const zeros = g.floats(new Float32Array(GROUPS));
  const normalised = g.node("InstanceNormalization", [grouped, ones, zeros], { epsilon: { float: GROUP_EPS } });
  const shaped = g.node("Reshape", [normalised, g.node("Shape", [x])]);
  const scaled = g.node("Mul", [shaped, g.weight(`${name}.weight`, [channels, 1, 1])]);
  return g.node("Add", [scaled, g.weight(`${name}.bias`, [channels, 1, 1])]);
}
