// The second stage: what is in each proposal, and where exactly, as src/detector/roi-heads.ts.

import { scales } from "../../detector/roi-heads.ts";
import { bins } from "../../network/box-head.ts";
import { castTo, type Graph, type Value } from "./graph.ts";
import { linear, relu } from "./layers.ts";

export interface SecondStage {
  /** [R, 4] */
  readonly proposals: Value;
  /** [R, C]; class 0 is background */
  readonly probabilities: Value;
  /** [R, C, 4] */
  readonly codes: Value;
}

/**
 * Level by level, and so in another order than they came: what is found does not depend on it, because its order is that of the
 * scores.
 */
export function secondStage(g: Graph, pyramid: readonly Value[], proposals: Value, classes: number): SecondStage {
  const levels = levelOf(g, proposals);
  const parts = scales.map((scale, l) => {
    const rows = g.node("Reshape", [g.node("NonZero", [g.node("Equal", [levels, g.ints([l], [])])]), g.ints([-1])]);
    const boxes = g.node("Gather", [proposals, rows]);
    const images = g.node("Mul", [rows, g.ints([0], [])]); // all of the one image
    const pooled = g.node("RoiAlign", [pyramid[l], boxes, images], {
      output_height: bins,
      output_width: bins,
      sampling_ratio: 2,
      spatial_scale: { float: scale },
      mode: "avg",
      coordinate_transformation_mode: "output_half_pixel", // torchvision's aligned = false
    });
    return { boxes, pooled };
  });
  const together = (part: "boxes" | "pooled"): Value =>
    g.node(
      "Concat",
      parts.map((level) => level[part]),
      { axis: 0 },
    );
  const pooled = g.node("Flatten", [together("pooled")], { axis: 1 });
  const hidden = relu(g, linear(g, "roi_heads.box_head.fc7", relu(g, linear(g, "roi_heads.box_head.fc6", pooled))));
  const logits = linear(g, "roi_heads.box_predictor.cls_score", hidden);
  const codes = linear(g, "roi_heads.box_predictor.bbox_pred", hidden);
  return {
    proposals: together("boxes"),
    probabilities: g.node("Softmax", [logits], { axis: 1 }),
    codes: g.node("Reshape", [codes, g.ints([-1, classes, 4])]),
  };
}

/** The level of each box from its size, 0 for P2: as src/network/roi-align.ts, in double precision, where 224 pixels begin. */
function levelOf(g: Graph, boxes: Value): Value {
  const exact = g.node("Cast", [boxes], castTo("float64"));
  const [x1, y1, x2, y2] = g.nodes("Split", [exact], 4, { axis: 1 });
  const side = g.node("Sqrt", [g.node("Mul", [g.node("Sub", [x2, x1]), g.node("Sub", [y2, y1])])]);
  const octaves = g.node("Div", [g.node("Log", [g.node("Div", [side, g.doubles([224], [])])]), g.doubles([Math.LN2], [])]);
  const level = g.node("Floor", [g.node("Add", [octaves, g.doubles([4 + 1e-6], [])])]);
  const within = g.node("Min", [g.node("Max", [level, g.doubles([2], [])]), g.doubles([scales.length + 1], [])]);
  const fromP2 = g.node("Sub", [within, g.doubles([2], [])]);
  return g.node("Reshape", [g.node("Cast", [fromP2], castTo("int64")), g.ints([-1])]);
}
