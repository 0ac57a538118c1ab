// What the settings in a model file must be, within limits that no network here comes near: a model from a stranger must not
// take the machine's memory before its weights are looked at.

import { anyFlag, anyText, either, listOf, numberIn, objectOf, oneOf, orNull, type Shape } from "../files/json/shape.ts";
import { backbones } from "./detector-config.ts";

const fraction = numberIn({ least: 0, most: 1 });
const count = numberIn({ least: 1, most: 1e7, whole: true });
const pixels = numberIn({ least: 1, most: 16384, whole: true });
const length = numberIn({ least: 1e-3, most: 1e6 });
const beta = numberIn({ least: 0, most: 1e3 });
const byPhase = objectOf({ train: count, test: count });

const levels = listOf(listOf(length, { least: 1, most: 16 }), { least: 5, most: 5 }); // P2 to P6
const sizesByLevel: Shape = (value) => {
  const fault = levels(value);
  if (fault !== null) return fault;
  const counts = new Set((value as number[][]).map((sizes) => sizes.length));
  return counts.size === 1 ? null : { path: [], message: "must be as many on every level" };
};

/** Of a `DetectorConfig` (config.ts). */
export const detectorConfigShape: Shape = objectOf({
  backbone: oneOf(...backbones),
  normalization: oneOf("frozen-batch-norm", "group-norm"),
  batchNormEps: fraction,
  trainableLayers: numberIn({ least: 0, most: 5, whole: true }),
  classes: listOf(anyText, { least: 1, most: 10_000 }),
  input: either(
    objectOf({ kind: oneOf("shortest-edge"), min: pixels, max: pixels }),
    objectOf({ kind: oneOf("stretch", "letterbox"), size: pixels }),
  ),
  anchors: objectOf({
    sizes: sizesByLevel,
    aspectRatios: listOf(length, { least: 1, most: 16 }),
  }),
  rpn: objectOf({
    heads: oneOf("shared", "per-level"),
    preNmsTopN: byPhase,
    postNmsTopN: byPhase,
    nmsThreshold: fraction,
    foregroundIou: fraction,
    backgroundIou: fraction,
    batchSizePerImage: count,
    positiveFraction: fraction,
    smoothL1Beta: beta,
  }),
  roi: objectOf({
    foregroundIou: fraction,
    batchSizePerImage: count,
    positiveFraction: fraction,
    addGroundTruth: anyFlag,
    smoothL1Beta: beta,
    representationSize: count,
  }),
  detection: objectOf({ scoreThreshold: fraction, nmsThreshold: fraction, maxDetections: orNull(count) }),
});
