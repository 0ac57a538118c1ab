// What both stages do with boxes: as src/geometry/box-codec.ts and src/geometry/nms.ts. Boxes are [K, 4], x1 y1 x2 y2.

import { type CodeWeights, maxLogScale } from "../../geometry/box-codec.ts";
import type { Graph, Value } from "./graph.ts";

/** K boxes, and how sure it is of each, [K]. */
export interface Scored {
  readonly boxes: Value;
  readonly scores: Value;
}

const columns = (g: Graph, rows: Value, from: number, to: number): Value =>
  g.node("Slice", [rows, g.ints([from]), g.ints([to]), g.ints([1])]);

/** Applies codes [K, 4] to reference boxes [K, 4] and clips the result to the image. */
export function decodedBoxes(
  g: Graph,
  codes: Value,
  references: Value,
  { weights: [x, y, w, h], limits }: { readonly weights: CodeWeights; readonly limits: Value },
): Value {
  const corner = columns(g, references, 0, 2);
  const size = g.node("Sub", [columns(g, references, 2, 4), corner]);
  const half = g.floats([0.5], []);
  const move = g.node("Div", [columns(g, codes, 0, 2), g.floats([x, y])]);
  const grow = g.node("Min", [g.node("Div", [columns(g, codes, 2, 4), g.floats([w, h])]), g.floats([maxLogScale], [])]);
  const centre = g.node("Add", [g.node("Add", [corner, g.node("Mul", [size, half])]), g.node("Mul", [move, size])]);
  const reach = g.node("Mul", [g.node("Mul", [size, half]), g.node("Exp", [grow])]);
  const boxes = g.node("Concat", [g.node("Sub", [centre, reach]), g.node("Add", [centre, reach])], { axis: 1 });
  return g.node("Min", [g.node("Max", [boxes, g.floats([0], [])]), limits]);
}

/** Whether the sides of each box are at least so long: [K] */
export function wideEnough(g: Graph, boxes: Value, least: number): Value {
  const sides = g.node("Sub", [columns(g, boxes, 2, 4), columns(g, boxes, 0, 2)]);
  const shorter = g.node("ReduceMin", [sides], { axes: [1], keepdims: 0 });
  return g.node("GreaterOrEqual", [shorter, g.floats([least], [])]);
}

/** Those for which `mask` [K] is true, in their order. */
export function where(g: Graph, mask: Value, { boxes, scores }: Scored): Scored {
  const rows = g.node("Reshape", [g.node("NonZero", [mask]), g.ints([-1])]);
  return { boxes: g.node("Gather", [boxes, rows]), scores: g.node("Gather", [scores, rows]) };
}

/** Those that no better one suppresses, best first. */
export function suppressed(g: Graph, { boxes, scores }: Scored, threshold: number): Scored {
  const kept = g.node("NonMaxSuppression", [
    g.node("Unsqueeze", [boxes, g.ints([0])]),
    g.node("Unsqueeze", [scores, g.ints([0, 1])]),
    g.ints([2 ** 31 - 1]), // as many as there are
    g.floats([threshold]),
  ]); // rows of image, class, box
  const rows = g.node("Reshape", [columns(g, kept, 2, 3), g.ints([-1])]);
  return { boxes: g.node("Gather", [boxes, rows]), scores: g.node("Gather", [scores, rows]) };
}

/** The greatest of scores [K], best first, and which they are; all of them where there are no more than `most` [1]. */
export function best(g: Graph, scores: Value, most: Value | null): [scores: Value, rows: Value] {
  const all = g.node("Shape", [scores]);
  const [values, rows] = g.nodes("TopK", [scores, most ? g.node("Min", [most, all]) : all], 2, { axis: 0 });
  return [values, rows];
}
