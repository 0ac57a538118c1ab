// What a training is told by the answers before it: how many of the cells are marked. It would count that itself (docs/background/method.md),
// but it counts marks that are missing at random, and answers are not: where the queue asks, marks are dense, and among the surest
// detections, which it asks about least, they are few. Then it would take many more cells for hidden than are, and score all too high.

import type { Estimate } from "../api.ts";

/** Below this, background would hardly be learned. */
const LEAST = 0.02;

/** As --method; null estimates leave the counting to the training. */
export function methodTold({ completeness }: Pick<Estimate, "completeness">): string {
  if (completeness === null) return "completeness";
  return `completeness:c=${Math.min(1, Math.max(LEAST, completeness.value)).toFixed(3)}`;
}
