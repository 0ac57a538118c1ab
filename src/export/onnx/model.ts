// A detector as one graph of ONNX, operator set 16: the same steps as `Detector.detect`, file by file. It is written, not traced, so
// that it holds for every size of an image and any number of cells, none included.

import type { RawTensor } from "@sparsecell/torch";
import { type Fields, integer, message, text } from "../../files/protobuf.ts";
import type { DetectorConfig } from "../../settings/detector.ts";
import { version } from "../../version.ts";
import { backbone } from "./backbone.ts";
import { detections } from "./detections.ts";
import { Graph } from "./graph.ts";
import { networkInput } from "./image.ts";
import { secondStage } from "./roi-heads.ts";
import { proposals } from "./rpn.ts";

const [IR_VERSION, OPERATOR_SET] = [8, 16];

export interface OnnxOptions {
  readonly config: DetectorConfig;
  /** By their names in the state dict. */
  readonly weights: ReadonlyMap<string, RawTensor>;
  readonly metadata: Readonly<Record<string, string>>;
}

/**
 * The file's content. Input `image` [1, 3, H, W]: RGB, 0 … 255, float32; of a model with a working resolution at that
 * resolution, of others as it comes. Outputs `boxes`
 * [N, 4] in pixels of the image, `scores` [N] best first, `labels` [N].
 */
export function onnxModel({ config, weights, metadata }: OnnxOptions): Fields {
  const g = new Graph(weights);
  const image = networkInput(g, g.input("image", "float32", [1, 3, "height", "width"]), config.input);
  const pyramid = backbone(g, image.pixels, config);
  const classes = config.classes.length + 1;
  const second = secondStage(g, pyramid, proposals(g, pyramid, image, config), classes);
  const found = detections(g, second, { ...config.detection, classes, limits: image.limits });
  g.output("boxes", "float32", ["detections", 4], g.node("Mul", [found.boxes, image.factors]));
  g.output("scores", "float32", ["detections"], found.scores);
  g.output("labels", "int64", ["detections"], found.labels);
  return [
    integer(1, IR_VERSION),
    text(2, "sparsecell"),
    text(3, version),
    g.fields(7, "detector"),
    message(8, text(1, ""), integer(2, OPERATOR_SET)),
    ...Object.entries(metadata).map(([key, value]) => message(14, text(1, key), text(2, value))),
  ].flat();
}
