// From the second stage's numbers to cells: as src/detector/detections.ts. Boxes of a class suppress only those of their class.

import { minDetection } from "../../detector/detections.ts";
import { roiWeights } from "../../geometry/box-codec.ts";
import type { DetectionConfig } from "../../settings/detector.ts";
import { best, decodedBoxes, type Scored, suppressed, where, wideEnough } from "./boxes.ts";
import type { Graph, Value } from "./graph.ts";
import type { SecondStage } from "./roi-heads.ts";

export interface DetectionOptions extends DetectionConfig {
  /** Background included. */
  readonly classes: number;
  readonly limits: Value;
}

/** Best first; labels are 1, 2 … in the order of the classes. */
export function detections(
  g: Graph,
  { proposals, probabilities, codes }: SecondStage,
  { classes, limits, scoreThreshold, nmsThreshold, maxDetections }: DetectionOptions,
): Scored & { readonly labels: Value } {
  const ofClass = Array.from({ length: classes - 1 }, (_, i): Scored & { labels: Value } => {
    const column = g.ints([i + 1], []);
    const scores = g.node("Gather", [probabilities, column], { axis: 1 });
    const boxes = decodedBoxes(g, g.node("Gather", [codes, column], { axis: 1 }), proposals, { weights: roiWeights, limits });
    const likely = g.node("Greater", [scores, g.floats([scoreThreshold], [])]);
    const wanted = where(g, g.node("And", [likely, wideEnough(g, boxes, minDetection)]), { boxes, scores });
    const kept = suppressed(g, wanted, nmsThreshold);
    return { ...kept, labels: g.node("Expand", [column, g.node("Shape", [kept.scores])]) };
  });
  const together = (part: "boxes" | "scores" | "labels"): Value =>
    g.node(
      "Concat",
      ofClass.map((found) => found[part]),
      { axis: 0 },
    );
  const [scores, rows] = best(g, together("scores"), maxDetections === null ? null : g.ints([maxDetections]));
  return { boxes: g.node("Gather", [together("boxes"), rows]), scores, labels: g.node("Gather", [together("labels"), rows]) };
}
