// The first stage: from the pyramid to proposals, as src/detector/rpn.ts. Each level has its own suppression.

import { anchorShapes } from "../../detector/anchors.ts";
import { minProposal } from "../../detector/rpn.ts";
import { rpnWeights } from "../../geometry/box-codec.ts";
import type { DetectorConfig } from "../../settings/detector.ts";
import { best, decodedBoxes, type Scored, suppressed, where, wideEnough } from "./boxes.ts";
import { castTo, type Graph, type Value } from "./graph.ts";
import type { NetworkInput } from "./image.ts";
import { conv, relu } from "./layers.ts";

/** → [P, 4], best first */
export function proposals(g: Graph, pyramid: readonly Value[], image: NetworkInput, config: DetectorConfig): Value {
  const { rpn, anchors } = config;
  const [decoded, most] = [rpn.preNmsTopN.test, rpn.postNmsTopN.test].map((limit) => limitFor(g, limit, image, config));
  const levels = pyramid.map((level, l): Scored => {
    const head = rpn.heads === "shared" ? "rpn.head" : `rpn.head.${l}`;
    const x = relu(g, conv(g, `${head}.conv.0.0`, level));
    const logits = flat(g, conv(g, `${head}.cls_logits`, x), [-1]);
    const codes = flat(g, conv(g, `${head}.bbox_pred`, x), [-1, 4]);
    const references = anchorsOf(g, level, anchorShapes(anchors.sizes[l], anchors.aspectRatios), image.padded);
    const [scores, rows] = best(g, logits, decoded);
    const boxes = decodedBoxes(g, g.node("Gather", [codes, rows]), g.node("Gather", [references, rows]), {
      weights: rpnWeights,
      limits: image.limits,
    });
    const wide = wideEnough(g, boxes, minProposal);
    const wanted = rpn.scoreThreshold > 0 ? g.node("And", [wide, likely(g, scores, rpn.scoreThreshold)]) : wide;
    return suppressed(g, where(g, wanted, { boxes, scores }), rpn.nmsThreshold);
  });
  const together = (part: keyof Scored): Value =>
    g.node(
      "Concat",
      levels.map((level) => level[part]),
      { axis: 0 },
    );
  const [, rows] = best(g, together("scores"), most);
  return g.node("Gather", [together("boxes"), rows]);
}

/** A limit for each training window, times how many of them the image has. */
function limitFor(g: Graph, limit: number, { size }: NetworkInput, { input }: DetectorConfig): Value {
  if (input.kind !== "resolution") return g.ints([limit]);
  const area = g.node("ReduceProd", [size], { keepdims: 1 });
  const window = g.ints([input.window ** 2]);
  const rounded = g.node("Add", [g.node("Mul", [area, g.ints([limit])]), g.ints([input.window ** 2 - 1])]);
  return g.node("Max", [g.node("Div", [rounded, window]), g.ints([limit])]);
}

/** maps [1, C, H, W] → the anchors' numbers, in the order of the anchors */
const flat = (g: Graph, maps: Value, shape: readonly number[]): Value =>
  g.node("Reshape", [g.node("Transpose", [maps], { perm: [0, 2, 3, 1] }), g.ints([...shape])]);

const likely = (g: Graph, logits: Value, probability: number): Value =>
  g.node("GreaterOrEqual", [logits, g.floats([Math.log(probability / (1 - probability))], [])]);

/** The shapes [S, 4] at every position of a level: [H · W · S, 4] */
function anchorsOf(g: Graph, level: Value, shapes: Float32Array, inputSize: Value): Value {
  const size = g.node("Gather", [g.node("Shape", [level]), g.ints([2, 3])]);
  const strides = g.node("Div", [inputSize, size]);
  const along = (axis: 0 | 1, shape: readonly number[]): Value => {
    const [count, stride] = [size, strides].map((sides) => g.node("Gather", [sides, g.ints([axis], [])]));
    const places = g.node("Mul", [g.node("Range", [g.ints([0], []), count, g.ints([1], [])]), stride]);
    return g.node("Reshape", [g.node("Cast", [places], castTo("float32")), g.ints([...shape])]);
  };
  const rows = g.node("Mul", [along(0, [-1, 1, 1, 1]), g.floats([0, 1, 0, 1])]);
  const columns = g.node("Mul", [along(1, [1, -1, 1, 1]), g.floats([1, 0, 1, 0])]);
  const placed = g.node("Add", [g.node("Add", [rows, columns]), g.floats(shapes, [shapes.length / 4, 4])]);
  return g.node("Reshape", [placed, g.ints([-1, 4])]);
}
