// The first weights of a training, from the file that its settings name into its detector.

import type { Detector } from "../detector/detector.ts";
import { fitColours, loadWholeDetector } from "../detector/transfer.ts";
import { loadBackbone } from "../detector/weights.ts";
import type { TrainConfig } from "../settings/training.ts";
import { publishedWeights } from "./published-weights.ts";

/** Returns what to tell the user: which layers start from random values. Throws a UserError that says what does not fit. */
export function loadFirstWeights(config: TrainConfig, detector: Detector): string | null {
  const { weights, weightsName, weightsPart, partialWeights } = config;
  if (!weights) return null;
  const whole = weightsPart === "detector";
  const random = whole ? loadWholeDetector(weights, detector) : loadBackbone(weights, detector, { partial: partialWeights });
  const colours = weightsName && publishedWeights(weightsName, config.detector.backbone).colours;
  if (colours) fitColours(detector, colours);
  if (random.length === 0) return null;
  const names = `${random.slice(0, 3).join(", ")}${random.length > 3 ? ` and ${random.length - 3} more` : ""}`;
  return whole
    ? `${weights}: ${names} are for other classes or anchors; those layers start from random values`
    : `${weights}: has no ${names}; those start from random values`;
}
