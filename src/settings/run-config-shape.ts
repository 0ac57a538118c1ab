// What the record of a run (config.json) must be. It is read again weeks later, on other machines, after edits by hand: what is
// wrong in it is said before anything begins.

import { anyFlag, anyText, numberIn, objectOf, oneOf, optional, orNull, type Shape } from "../files/json/shape.ts";
import { detectorConfigShape } from "./detector-config-shape.ts";

const count = numberIn({ least: 1, whole: true });
const fromZero = numberIn({ least: 0 });

/** Of a `TrainConfig`; what later versions added may be missing. */
const trainConfigShape: Shape = objectOf({
  data: anyText,
  method: anyText,
  steps: count,
  batch: count,
  lr: fromZero,
  warmup: numberIn({ least: 0, whole: true }),
  momentum: numberIn({ least: 0, most: 1 }),
  weightDecay: fromZero,
  clipGradient: orNull(fromZero),
  augment: anyFlag,
  seed: numberIn({ least: 0, whole: true }),
  weights: orNull(anyText),
  partialWeights: anyFlag,
  device: anyText,
  dtype: oneOf("float32", "bfloat16"),
  threads: count,
  checkpointEvery: count,
  keepCheckpoints: optional(count),
  onNonfinite: optional(oneOf("stop", "skip")),
  detector: detectorConfigShape,
});

export const runRecordShape: Shape = objectOf({ config: trainConfigShape });
